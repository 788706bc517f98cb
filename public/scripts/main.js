// Enhances pages that work without scripts. The build joins this module and its imports into one
// script, `/pollstr.js`.

import { addLiveRegion } from './announcer.js';
import { showCopyButtons } from './copy.js';
import { updateCountdowns } from './countdowns.js';
import './field_errors.js';
import { followResults } from './live_results.js';
import './menu.js';
import { removeStaleCanonicalLink } from './navigation.js';
import { showPasskeyPrompts } from './passkeys.js';
import { showRevealButtons } from './passwords.js';
import './phone_preview.js';
import { forgetSavedForm } from './poll_form.js';
import { sortRankings } from './ranking.js';
import './requests.js';
import { tallyChoices } from './tally.js';
import { fillInLocalTimeZone, showLocalTimes } from './times.js';

/** Enhances what is new on the page. Runs after every change, so it changes nothing twice. */
function enhance() {
  addLiveRegion();
  showLocalTimes();
  showRevealButtons();
  removeStaleCanonicalLink();
  fillInLocalTimeZone();
  showCopyButtons();
  showPasskeyPrompts();
  sortRankings();
  tallyChoices();
  updateCountdowns();
  forgetSavedForm();
  followResults();
}

enhance();
// Also covers what htmx swaps in or restores from its history.
new MutationObserver(enhance).observe(document.documentElement, { childList: true, subtree: true });
