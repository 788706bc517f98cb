// Finds elements.

/**
 * Calls `visit` with each element that matches a selector.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {(element: T) => void} visit
 */
export function forEachElement(selector, visit) {
  for (const element of document.querySelectorAll(selector)) visit(/** @type {T} */ (element));
}

/**
 * Returns the innermost element around the target of an event that matches a selector.
 *
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function closestToTarget({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}
