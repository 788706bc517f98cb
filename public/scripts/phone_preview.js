// Shows how the server reads a phone number, when its field loses the focus.

document.addEventListener('change', async ({ target }) => {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
  const { form, id } = target;
  /** @type {HTMLElement | null | undefined} */
  const preview = id ? form?.querySelector(`[data-ask][data-for~="${id}"]`) : null;
  if (!form || !preview) return;
  try {
    const { shown, error } = await readNumber(form, preview);
    preview.textContent = shown ?? error ?? '';
    preview.classList.toggle('bad', !shown);
  } catch {
    // The preview is optional: the server checks the number again when the form is sent.
    preview.textContent = '';
  }
});

/**
 * Asks the server how it reads the number in a form, or what is wrong with it.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement} preview
 * @returns {Promise<{ shown?: string, error?: string }>}
 */
async function readNumber(form, preview) {
  const { ask = '', for: names = '' } = preview.dataset;
  const number = form.elements.namedItem(names.split(' ').pop() ?? '');
  if (number instanceof HTMLInputElement && !number.value) return {};
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
  const response = await fetch(ask, { method: 'POST', headers: { Accept: 'application/json' }, body });
  /** @type {{ shown?: string, fields?: Record<string, string> }} */
  const { shown, fields = {} } = await response.json();
  return { shown, error: Object.values(fields)[0] };
}
