// Announces messages to screen readers, all through one polite live region.

/** @type {HTMLElement | undefined} */
let liveRegion;

/** Adds the live region. Screen readers only announce changes of a region that was there before. */
export function addLiveRegion() {
  if (liveRegion?.isConnected) return;
  liveRegion = document.createElement('p');
  liveRegion.className = 'visually-hidden';
  liveRegion.ariaLive = 'polite';
  document.body.append(liveRegion);
}

/**
 * Announces a message, even if it is the same as the last one.
 *
 * @param {string} message
 */
export function announce(message) {
  if (liveRegion) liveRegion.textContent = '';
  setTimeout(() => {
    if (liveRegion) liveRegion.textContent = message;
  }, 100);
}
