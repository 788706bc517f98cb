// Comforts on pages that work without: times in the reader's zone, waits that tick, copying, seeing what one types, moving
// choices of a ranking up and down, saying how live results stand and when no answer comes. And passkeys, which take a script.
(() => {
  const all = (selector, visit) => document.querySelectorAll(selector).forEach(visit);
  const language = document.documentElement.lang || 'en';
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const seen = new WeakSet();
  const ticking = new Map();
  let ticker, status;

  // One place from which everything is said politely. It is there before it speaks, or nobody hears it.
  const say = (text) => {
    status.textContent = '';
    setTimeout(() => (status.textContent = text), 100);
  };

  const dated = { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  const show = (time) => {
    const at = new Date(time.dateTime);
    if (isNaN(at)) return;
    const short = 'short' in time.dataset ? { timeStyle: 'medium' } : dated;
    time.title = at.toLocaleString([], { dateStyle: 'full', timeStyle: 'long' });
    // The server says how many seconds are left, since this machine's clock may be wrong.
    if (time.dataset.countdown) ticking.set(time, Date.now() + time.dataset.countdown * 1000);
    else time.textContent = at.toLocaleString([], short);
  };

  const words = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  const wait = (seconds) =>
    seconds > 5400 ? words.format(Math.ceil(seconds / 3600), 'hour')
    : seconds > 90 ? words.format(Math.ceil(seconds / 60), 'minute')
    : words.format(still.matches && seconds > 10 ? Math.ceil(seconds / 10) * 10 : seconds, 'second');

  const tick = () => {
    for (const [time, end] of ticking) {
      const left = Math.ceil((end - Date.now()) / 1000);
      const { ends, say: last } = time.dataset;
      const over = left <= 0;
      if (!time.isConnected || over) ticking.delete(time);
      if (!time.isConnected) continue;
      const text = over ? 'now' : wait(left);
      if (time.textContent !== text) time.textContent = text;
      if (ends) {
        all(`[data-until=${ends}]`, (part) => (part.hidden = over));
        all(`[data-after=${ends}]`, (part) => (part['disabled' in part ? 'disabled' : 'hidden'] = !over));
      }
      if (over && last) say(last);
    }
    if (!ticking.size) ticker = clearInterval(ticker);
    else ticker ??= setInterval(tick, 1000);
  };

  const enhance = () => {
    if (!status?.isConnected) {
      status = document.createElement('p');
      status.className = 'visually-hidden';
      status.ariaLive = 'polite';
      document.body.append(status);
    }
    all('time[datetime]', (time) => {
      if (!seen.has(time)) show(time);
      seen.add(time);
    });
    all('[data-reveal]', (button) => (button.hidden = false));
    // The head stays when htmx changes the page; a browser that shares the page would pass on the address of the former one.
    all('link[rel=canonical]', (link) => new URL(link.href).pathname === location.pathname || link.remove());
    // A new poll is on the clock of whoever makes it, if the server knows that zone.
    all('select[data-zone]', (select) => {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      if ([...select.options].some(({ value }) => value === timeZone)) select.value = timeZone;
      delete select.dataset.zone;
    });
    if (navigator.clipboard) all('[data-copy]', (button) => (button.hidden = false));
    all('[data-passkey].kept', (part) => {
      part.classList.remove('kept');
      (window.PublicKeyCredential ? part.nextElementSibling : part).hidden = true;
      if (window.PublicKeyCredential) part.hidden = false;
    });
    all('[data-ranking]', (list) => {
      if (!seen.has(list)) arrange(list);
      seen.add(list);
    });
    tick();
  };

  const reveal = (button, visible) => {
    document.getElementById(button.dataset.reveal).type = visible ? 'text' : 'password';
    button.firstChild.data = visible ? 'Hide' : 'Show';
  };

  const place = (row) => Number(row.querySelector('select').value) || Infinity;

  // Ranked choices come first, in their order; each move shows at once in the places as well, which are what is sent.
  const arrange = (list, moved, to) => {
    let rows = [...list.children].sort((a, b) => place(a) - place(b));
    let ranked = rows.filter((row) => row !== moved && place(row) < Infinity);
    const rest = rows.filter((row) => row !== moved && place(row) === Infinity);
    if (moved && to < Infinity) ranked.splice(to, 0, moved);
    else if (moved) rest.unshift(moved);
    rows = [...ranked, ...rest];
    rows.forEach((row, index) => {
      row.querySelector('select').value = index < ranked.length ? index + 1 : '';
      row.classList.toggle('placed', index < ranked.length);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index]);
      for (const button of row.querySelectorAll('[data-move]')) button.hidden = false;
    });
    if (moved) mend(moved.querySelector('select'));
    if (moved) say(`${moved.querySelector('label').textContent}: ${to < Infinity ? `place ${ranked.indexOf(moved) + 1} of ${rows.length}` : 'no place'}`);
  };

  // A choice that was moved takes the focus along. Keys are followed by the page; under a finger or a mouse it stays where it is.
  const move = (control, to) => {
    const preventScroll = !control.matches(':focus-visible');
    arrange(control.closest('[data-ranking]'), control.closest('li'), to);
    control.focus({ preventScroll });
  };

  document.addEventListener('change', ({ target }) => {
    if (target.closest?.('[data-ranking]')) move(target, target.value ? target.value - 1 : Infinity);
  });

  // A choice that is tapped gets the next place.
  document.addEventListener('click', (event) => {
    const row = event.target.closest?.('[data-ranking] li');
    if (!row || row.matches('.placed') || event.target.closest('select, button')) return;
    event.preventDefault();
    arrange(row.parentNode, row, row.parentNode.querySelectorAll('.placed').length);
  });

  // An error goes when its field is changed, and comes back from the server alone.
  const mend = (field) => {
    const { form, id, name, type } = field;
    const asked = form?.querySelector(`[data-ask][data-for~="${id}"]`)?.dataset.for.split(' ').map((each) => `#${each}`).join();
    const alike = type === 'radio' ? `[name="${name}"]` : field.closest('[data-ranking]') ? '[data-ranking] select' : asked;
    for (const part of [...(alike ? form.querySelectorAll(alike) : [field]), field.closest('fieldset')]) {
      const ids = part?.getAttribute('aria-describedby')?.split(' ') ?? [];
      for (const error of ids.map((id) => document.getElementById(id))) if (error?.matches('.error')) error.remove();
      const left = ids.filter((id) => document.getElementById(id)).join(' ');
      if (left) part.setAttribute('aria-describedby', left);
      else part?.removeAttribute('aria-describedby');
      part?.removeAttribute('aria-invalid');
    }
  };
  document.addEventListener('input', ({ target }) => target.form && mend(target));

  document.addEventListener('click', async ({ target }) => {
    const button = target.closest?.('[data-reveal], [data-copy], [data-move]');
    if (button?.dataset.move) {
      const ranked = button.closest('[data-ranking]').querySelectorAll('.placed').length;
      const at = place(button.closest('li')) - 1;
      const last = at === ranked - 1;
      const up = button.dataset.move === 'up';
      // Up from below the ranking is its last place; down from its last place is below it.
      move(button, up ? Math.max(Math.min(at, ranked + 1) - 1, 0) : at < ranked && !last ? at + 1 : Infinity);
    } else if (button?.dataset.reveal) {
      const visible = button.firstChild.data === 'Show';
      reveal(button, visible);
      say(visible ? 'Your password is shown.' : 'Your password is hidden.');
    } else if (button) {
      const from = document.getElementById(button.dataset.copy);
      const before = (button.dataset.before ??= button.textContent);
      try {
        await navigator.clipboard.writeText(from.value ?? from.textContent.trim());
        button.textContent = 'Copied';
        say('Copied.');
      } catch {
        button.textContent = 'Not copied';
        say('That could not be copied.');
      }
      setTimeout(() => (button.textContent = before), 2000);
    }
  });

  // How the server understands what was typed, when one leaves the field.
  document.addEventListener('change', async ({ target: { id, form } }) => {
    const said = id && form?.querySelector(`[data-ask][data-for~="${id}"]`);
    if (!said) return;
    const empty = !form.elements[said.dataset.for.split(' ').pop()].value;
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = empty ? {} : await (await fetch(said.dataset.ask, { method: 'POST', headers: { Accept: 'application/json' }, body })).json();
      said.textContent = answer.shown ?? Object.values(answer.fields ?? {})[0] ?? '';
      said.classList.toggle('bad', !answer.shown);
    } catch {
      said.textContent = '';
    }
  });

  // The account menu closes when one has chosen from it, turns elsewhere or presses Escape.
  document.addEventListener('click', ({ target }) =>
    all('.menu[open]', (menu) => (menu.open = menu.contains(target) && !target.closest('.menu-panel a'))));
  document.addEventListener('keydown', ({ key }) => key === 'Escape' && all('.menu[open]', (menu) => {
    menu.open = false;
    menu.querySelector('summary').focus();
  }));

  // Says why no page comes: above the button that was pressed, or for a link at the top. Streams of results are not meant.
  const asks = ({ sourceElement: source }) => source.matches('a, form, form input, body');
  const note = ({ sourceElement: source, request }, text, urgent = true) => {
    const said = document.createElement('p');
    Object.assign(said, { className: `notice note ${urgent ? 'bad' : ''}`, role: urgent ? 'alert' : 'status', tabIndex: -1, textContent: text });
    const form = source.matches('a') ? null : source.closest('form');
    const button = form?.contains(request.submitter) && request.submitter;
    all('.note', (former) => former.remove());
    if (button) (button.closest('.actions') ?? button).before(said);
    else (form ?? document.querySelector('main')).prepend(said);
    // A search that is being typed keeps the focus.
    if (urgent && !source.matches('input')) said.focus();
  };
  const lost = ({ sourceElement: source, request: { method } }) =>
    method === 'GET' ? 'That page did not load. Try again.'
    : source.dataset.lost ?? "We don't know whether it arrived. Reload the page to see.";

  // A form is busy while its request runs.
  document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
    if (!asks(ctx)) return;
    all('.note', (former) => former.remove());
    ctx.sourceElement.closest('form[method=post]')?.setAttribute('aria-busy', 'true');
    ctx.offline = !navigator.onLine;
    ctx.slow = setTimeout(() => note(ctx, 'This is taking longer than usual. Please wait.', false), 10000);
  });
  document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
    clearTimeout(ctx.slow);
    ctx.sourceElement.closest('form')?.removeAttribute('aria-busy');
    all('.note[role=status]', (former) => former.remove());
  });
  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (!ctx || !asks(ctx)) return;
    const unsent = ctx.request.method === 'GET' ? 'You seem to be offline, so that page did not load. Try again.'
      : 'Not sent: you seem to be offline. Try again.';
    note(ctx, ctx.offline ? unsent : lost(ctx));
  });
  // A page of this site has this title and this main part. Anything else comes from a proxy in front of it that cannot reach it.
  document.addEventListener('htmx:after:request', (event) => {
    const { ctx } = event.detail;
    if (!asks(ctx) || ctx.hx.redirect || /<title>[^<]*Pollstr<\/title>[^]*<main id="main"/.test(ctx.text)) return;
    event.preventDefault();
    note(ctx, `This site cannot be reached just now. ${lost(ctx)}`);
  });

  // A step begins at the top, as a new page does. A form that comes back stays where it is, and the focus shows what to mend. Going
  // back or forward in history leads to where one was; the focus would pull the page elsewhere.
  document.addEventListener('htmx:before:swap', ({ detail: { ctx, tasks } }) => {
    for (const { fragment, swapSpec } of tasks) {
      if (ctx.request.headers['HX-History-Restore-Request']) fragment.querySelectorAll('[autofocus]').forEach((part) => (part.autofocus = false));
      if (swapSpec.show !== 'top') continue;
      const stays = ctx.hx.pushurl === 'false';
      Object.assign(swapSpec, { show: 'none' }, stays || { scroll: 'top', scrollTarget: 'document' });
    }
  });

  // Browsers offer to keep a password, and not what stands in a text field.
  document.addEventListener('submit', () => all('[data-reveal]', (button) => reveal(button, false)), true);

  // A form with a passkey is sent once the browser has answered. Strings of bytes come and go as Base64.
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes ?? [])));
  let asking, answered;
  document.addEventListener('submit', async (event) => {
    const { target: form, submitter } = event;
    const part = form.querySelector('[data-passkey]');
    if (!part || form === answered) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (asking) return;
    asking = true;
    const { passkey: ask, question } = part.dataset;
    const said = part.querySelector('[role=status]');
    said.textContent = '';
    try {
      const publicKey = JSON.parse(question, (_, value) => (value?.bytes ? bytes(value.bytes) : value));
      const { rawId, response } = await navigator.credentials[ask]({ publicKey });
      // Some extensions hand out the attestation alone, and the server finds in it what these would tell.
      const told = (by) => {
        try {
          return response[by]();
        } catch {}
      };
      const answer = {
        credential: rawId,
        client_data: response.clientDataJSON,
        authenticator_data: response.authenticatorData ?? told('getAuthenticatorData'),
        public_key: told('getPublicKey'),
        attestation: response.attestationObject,
        signature: response.signature,
      };
      for (const field of part.querySelectorAll('[type=hidden]')) field.value = base64(answer[field.name]);
      // An extension may answer while the press is still under way, and browsers drop a form that is sent within its own press.
      await new Promise((later) => setTimeout(later));
      answered = form;
      form.requestSubmit(submitter);
    } catch ({ name }) {
      said.textContent = name === 'InvalidStateError' ? 'That device has a passkey for this account already.'
        : ask === 'get' ? 'No passkey was used. You can try again, or use another way.'
        : 'No passkey was added. You can try again.';
    }
    asking = answered = undefined;
  }, true);

  // Whoever listens is told how results stand, ten seconds apart at least, and only when they have changed.
  const standing = () => ['.verdict', 'caption'].map((part) => document.querySelector(`.live ${part}`)?.textContent ?? '').join(' ').trim();
  let told = 0, telling, lately;
  const tell = () => {
    telling = undefined;
    const text = standing();
    if (!text || text === lately) return;
    [told, lately] = [Date.now(), text];
    say(text);
  };
  const live = (on) => {
    lately ??= standing();
    all('[data-live]', (note) => (note.hidden = (note.dataset.live === 'on') !== on));
  };
  document.addEventListener('htmx:sse:after:message', () => (telling ??= setTimeout(tell, Math.max(1000, told + 10000 - Date.now()))));
  document.addEventListener('htmx:sse:after:connection', () => live(true));
  for (const end of ['htmx:sse:close', 'htmx:sse:error']) document.addEventListener(end, () => live(false));

  enhance();
  // Whatever htmx swaps in, or brings back from its history.
  new MutationObserver(enhance).observe(document.documentElement, { childList: true, subtree: true });
})();
