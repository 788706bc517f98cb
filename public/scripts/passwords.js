// Lets people see the password that they type.

import { announce } from './announcer.js';
import { closestToTarget, forEachElement } from './dom.js';

/** Shows the "Show password" buttons, which do nothing without scripts. */
export function showRevealButtons() {
  forEachElement('[data-reveal]', (/** @type {HTMLElement} */ button) => (button.hidden = false));
}

/**
 * Shows or hides the password of a button, whose first word changes with it.
 *
 * @param {HTMLElement} button
 * @param {boolean} visible
 */
function setPasswordVisible(button, visible) {
  const input = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.reveal ?? ''));
  input.type = visible ? 'text' : 'password';
  verb(button).data = visible ? 'Hide' : 'Show';
}

/**
 * Returns the first word of a button, "Show" or "Hide".
 *
 * @param {HTMLElement} button
 */
function verb(button) {
  return /** @type {Text} */ (button.firstChild);
}

document.addEventListener('click', (event) => {
  const button = closestToTarget(event, '[data-reveal]');
  if (!button) return;
  const visible = verb(button).data === 'Show';
  setPasswordVisible(button, visible);
  announce(visible ? 'Your password is shown.' : 'Your password is hidden.');
});

// Browsers offer to save the value of a password field, not that of a text field.
document.addEventListener(
  'submit',
  () => forEachElement('[data-reveal]', (/** @type {HTMLElement} */ button) => setPasswordVisible(button, false)),
  true,
);
