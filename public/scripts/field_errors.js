// Removes the errors of fields that have changed. Only the server adds new ones.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/**
 * Removes the errors of a field, and of those that are checked together with it.
 *
 * @param {Field} field
 */
export function clearErrors(field) {
  for (const element of [...fieldsCheckedWith(field), field.closest('fieldset')]) {
    const ids = element?.getAttribute('aria-describedby')?.split(' ') ?? [];
    for (const description of ids.map((id) => document.getElementById(id))) {
      if (description?.matches('.error')) description.remove();
    }
    const remaining = ids.filter((id) => document.getElementById(id)).join(' ');
    if (remaining) element?.setAttribute('aria-describedby', remaining);
    else element?.removeAttribute('aria-describedby');
    element?.removeAttribute('aria-invalid');
  }
}

/**
 * Returns a field and those that are checked together with it: the radio buttons of a group, the
 * places of a ranking, or a country and a phone number.
 *
 * @param {Field} field
 * @returns {Iterable<Element>}
 */
function fieldsCheckedWith(field) {
  const { form, id, name, type } = field;
  if (!form) return [field];
  if (type === 'radio') return form.querySelectorAll(`[name="${name}"]`);
  if (field.closest('[data-ranking]')) return form.querySelectorAll('[data-ranking] select');
  /** @type {HTMLElement | null} */
  const preview = form.querySelector(`[data-ask][data-for~="${id}"]`);
  const selector = preview?.dataset.for?.split(' ').map((fieldId) => `#${fieldId}`).join();
  return selector ? form.querySelectorAll(selector) : [field];
}

document.addEventListener('input', ({ target }) => {
  if (isField(target) && target.form) clearErrors(target);
});

/**
 * @param {EventTarget | null} target
 * @returns {target is Field}
 */
function isField(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}
