// Makes page changes by htmx behave like page loads.

import { forEachElement } from './dom.js';

/**
 * Removes the canonical link of the previous page: htmx keeps the head, and a browser that shares
 * the page would use that address.
 */
export function removeStaleCanonicalLink() {
  forEachElement('link[rel=canonical]', (/** @type {HTMLLinkElement} */ link) => {
    if (new URL(link.href).pathname !== location.pathname) link.remove();
  });
}

// A new page starts at the top. A form that comes back with errors stays where it is, and the focus
// shows the first error.
document.addEventListener('htmx:before:swap', ({ detail: { ctx, tasks } }) => {
  for (const { fragment, swapSpec } of tasks) {
    // Back and Forward restore the scroll position; setting the focus would scroll away from it.
    if (ctx.request?.headers['HX-History-Restore-Request']) {
      for (const element of fragment.querySelectorAll('[autofocus]')) element.removeAttribute('autofocus');
    }
    if (swapSpec.show !== 'top') continue;
    swapSpec.show = 'none';
    const isSamePage = ctx.hx.pushurl === 'false';
    if (!isSamePage) Object.assign(swapSpec, { scroll: 'top', scrollTarget: 'document' });
  }
});
