// Reports page requests that fail or take long, beside the control that sent them.

import { forEachElement } from './dom.js';

/**
 * Whether a request is for a page. Live results are requested by other elements.
 *
 * @param {HtmxContext} context
 */
const isPageRequest = ({ sourceElement }) => sourceElement.matches('a, form, form input, body');

/**
 * Shows a notice above the button that was pressed, or at the top of the form or page.
 *
 * @param {HtmxContext} context
 * @param {string} text
 * @param {'alert' | 'status'} role
 */
function showNotice({ sourceElement, request }, text, role) {
  removeNotices('.note');
  const notice = document.createElement('p');
  const className = role === 'alert' ? 'notice note bad' : 'notice note';
  Object.assign(notice, { className, role, tabIndex: -1, textContent: text });

  const form = sourceElement.matches('a') ? null : sourceElement.closest('form');
  const button = form?.contains(request.submitter ?? null) && request.submitter;
  if (button) (button.closest('.actions') ?? button).before(notice);
  else (form ?? document.querySelector('main'))?.prepend(notice);
  // The focus stays in a search field, where someone is typing.
  if (role === 'alert' && !sourceElement.matches('input')) notice.focus();
}

/** @param {string} selector */
const removeNotices = (selector) => forEachElement(selector, (notice) => notice.remove());

/**
 * What a lost answer means: a form may have been received.
 *
 * @param {HtmxContext} context
 */
function lostAnswer({ sourceElement, request }) {
  if (request.method === 'GET') return 'That page did not load. Try again.';
  return sourceElement.dataset.lost ?? "We can't tell whether it arrived. Reload the page to check.";
}

/** @param {HtmxContext} context */
function offline({ request }) {
  if (request.method === 'GET') return 'You seem to be offline, so that page did not load. Try again.';
  return 'Not sent: you seem to be offline. Try again.';
}

document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
  if (!isPageRequest(ctx)) return;
  removeNotices('.note');
  // The style sheet shows that the form is busy.
  ctx.sourceElement.closest('form[method=post]')?.setAttribute('aria-busy', 'true');
  ctx.offline = !navigator.onLine;
  ctx.slowTimer = setTimeout(() => showNotice(ctx, 'This is taking longer than usual. Please wait.', 'status'), 10_000);
});

document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
  clearTimeout(ctx.slowTimer);
  ctx.sourceElement.closest('form')?.removeAttribute('aria-busy');
  removeNotices('.note[role=status]');
});

document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
  if (ctx && isPageRequest(ctx)) showNotice(ctx, ctx.offline ? offline(ctx) : lostAnswer(ctx), 'alert');
});

// Pages of this site have this title and main part. Anything else comes from a proxy that cannot
// reach the site.
document.addEventListener('htmx:after:request', (event) => {
  const { ctx } = event.detail;
  if (!isPageRequest(ctx) || ctx.hx.redirect || /<title>[^<]*Pollstr<\/title>[^]*<main id="main"/.test(ctx.text)) return;
  event.preventDefault();
  showNotice(ctx, `This site cannot be reached right now. ${lostAnswer(ctx)}`, 'alert');
});
