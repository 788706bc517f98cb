// Adds and uses passkeys: a form with a passkey is sent once the browser has answered. Bytes travel
// in Base64.

import { forEachElement } from './dom.js';

/** Shows the passkey prompts; a browser without passkeys shows the hint below them instead. */
export function showPasskeyPrompts() {
  const isSupported = Boolean(window.PublicKeyCredential);
  forEachElement('[data-passkey].kept', (/** @type {HTMLElement} */ prompt) => {
    prompt.classList.remove('kept');
    prompt.hidden = !isSupported;
    if (isSupported) /** @type {HTMLElement} */ (prompt.nextElementSibling).hidden = true;
  });
}

/** Whether the browser is asking for a passkey. */
let isAsking = false;

/**
 * The form that is being sent with an answer.
 *
 * @type {HTMLFormElement | undefined}
 */
let answeredForm;

document.addEventListener('submit', async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  /** @type {HTMLElement | null} */
  const prompt = form.querySelector('[data-passkey]');
  if (!prompt || form === answeredForm) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isAsking) return;
  isAsking = true;
  const status = /** @type {HTMLElement} */ (prompt.querySelector('[role=status]'));
  const kind = /** @type {'create' | 'get'} */ (prompt.dataset.passkey);
  status.textContent = '';
  try {
    const answer = await askForPasskey(kind, prompt.dataset.question ?? '');
    for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (prompt.querySelectorAll('[type=hidden]'))) {
      field.value = toBase64(answer[field.name]);
    }
    // An extension may answer during the submit event, and browsers ignore a form that is sent
    // within its own submit event.
    await new Promise((resolve) => setTimeout(resolve));
    answeredForm = form;
    form.requestSubmit(event.submitter);
  } catch (error) {
    status.textContent = failureMessage(kind, error);
  }
  isAsking = false;
  answeredForm = undefined;
}, true);

/**
 * Asks the browser to create or use a passkey, and returns the fields of its answer.
 *
 * @param {'create' | 'get'} kind
 * @param {string} question JSON, in which `{"bytes": …}` stands for bytes
 * @returns {Promise<Record<string, ArrayBuffer | null | undefined>>}
 */
async function askForPasskey(kind, question) {
  const publicKey = JSON.parse(question, (_key, value) => (value?.bytes ? fromBase64(value.bytes) : value));
  const credential = await navigator.credentials[kind]({ publicKey });
  const { rawId, response } = /** @type {PublicKeyCredential} */ (credential);
  const { clientDataJSON, attestationObject, authenticatorData, signature } = /** @type {AnyResponse} */ (response);
  return {
    credential: rawId,
    client_data: clientDataJSON,
    authenticator_data: authenticatorData ?? callIfPossible(response, 'getAuthenticatorData'),
    public_key: callIfPossible(response, 'getPublicKey'),
    attestation: attestationObject,
    signature,
  };
}

/**
 * @typedef {AuthenticatorAttestationResponse & AuthenticatorAssertionResponse} EitherResponse
 * @typedef {AuthenticatorResponse & Partial<EitherResponse>} AnyResponse
 */

/**
 * Calls a method of a response. Some extensions lack it or refuse the call; the server then reads
 * the attestation instead.
 *
 * @param {AnyResponse} response
 * @param {'getAuthenticatorData' | 'getPublicKey'} method
 */
function callIfPossible(response, method) {
  try {
    return response[method]?.();
  } catch {
    return undefined;
  }
}

/**
 * @param {'create' | 'get'} kind
 * @param {any} error
 */
function failureMessage(kind, error) {
  if (error?.name === 'InvalidStateError') return 'That device already has a passkey for this account.';
  if (kind === 'get') return 'No passkey was used. Try again, or use another method.';
  return 'No passkey was added. Try again.';
}

/** @param {string} text */
const fromBase64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** @param {ArrayBuffer | null | undefined} buffer */
const toBase64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])));
