import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import type axe from 'axe-core';
import { readFileSync } from 'node:fs';

export { expect };

/** The demo's polls. */
export const KIND_OF_DOG = 'What is your favorite kind of dog?';
export const WHATS_UP = "What's up dog?";
export const WHO_LET = 'Who let the dogs out?';

/** The source of axe, which tells of itself to the frames in which it runs, on whatever site they are. */
const AXE = `${readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')}; axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] });`;
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
/** The rules whose findings can differ between the colour schemes. */
const ON_COLORS = ['color-contrast', 'link-in-text-block'];

/** The pages that this worker has audited, each with the width of its window. */
const audited = new Set<string>();

/** A page without what differs from visit to visit: tokens, identifiers, names, numbers. */
async function shape(page: Page) {
  const [markup, state] = await page.evaluate(() => {
    const parts = [...document.querySelectorAll('*')];
    // What styles look at and markup does not hold.
    const state = ['checked', 'focus', 'focus-visible', 'disabled', 'placeholder-shown', 'popover-open', 'hover'].map(
      (name) => name + parts.flatMap((part, index) => (part.matches(`:${name}`) ? [index] : [])),
    );
    return [document.documentElement.outerHTML, `${innerWidth} ${state}`] as const;
  });
  const plain = markup
    .replace(/\bvisitor-\d+/g, 'visitor')
    .replace(/\/polls\/\w{10}\b/g, '/polls/id')
    .replace(/ d="[^"]*"/g, '')
    .replace(/(value|content|datetime|title|x-made-for\W+)="?[\w.-]{20,}/g, '$1=')
    .replace(/[\w-]{22,}/g, 'token')
    .replace(/\d+/g, '0');
  return plain + state;
}

/** The code in a message; a voice reads it out digit by digit. */
const codeIn = (message: string) => (/Pollstr code: ([\d, ]+)\./.exec(message)?.[1] ?? '').replace(/\D/g, '');

/** A person with a phone: a name, a number and a network address that nobody else in this run has. */
export class Visitor {
  readonly password = 'three blue beagles';
  private readonly expected = new Set<number>();
  private readonly complaints: string[] = [];
  private cutOff = false;

  constructor(
    readonly page: Page,
    readonly name: string,
    readonly number: string,
    readonly javascript: boolean,
  ) {
    const context = page.context();
    context.on('console', (message) => {
      const status = /Failed to load resource: the server responded with a status of (\d+)/.exec(message.text())?.[1];
      if (this.cutOff && /net::ERR_|htmx:error/.test(message.text())) return;
      if (status ? !this.expected.has(Number(status)) : ['error', 'warning'].includes(message.type())) {
        this.complaints.push(`${message.type()} at ${message.location().url}: ${message.text()}`);
      }
    });
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
    context.on('requestfailed', (request) => {
      // The browser itself drops what it was still loading when a person goes on to the next page.
      const why = request.failure()?.errorText;
      if (why !== 'net::ERR_ABORTED' && !this.cutOff) this.complaints.push(`${request.url()}: ${why}`);
    });
  }

  /** A refusal with this status is part of the story; Chromium reports it on the console. */
  willBeRefusedWith(status: number) {
    this.expected.add(status);
  }

  /** Requests that fail on their way are part of the story. */
  willBeCutOff() {
    this.cutOff = true;
  }

  /** Nothing went wrong behind the scenes. */
  hasNoComplaints() {
    expect(this.complaints).toEqual([]);
  }

  /** htmx has changed the page; the address bar changes a moment earlier. */
  async isCalm(page = this.page) {
    await expect(page.locator('.htmx-request')).toHaveCount(0);
  }

  /** The address bar shows this path and query, and anybody can use the page that is there. */
  async isAt(path: string, page = this.page) {
    await expect(page).toHaveURL(path);
    await this.isCalm(page);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    // axe needs JavaScript; the pages are the same without.
    if (this.javascript) await this.canUse(path, page);
  }

  /** Audits the page in both colour schemes, unless this worker has audited one like it. */
  private async canUse(path: string, page: Page) {
    // Half-faded colours are none to judge.
    const settle = () => page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    await settle();
    const like = await shape(page);
    if (audited.has(like)) return;
    for (const frame of page.frames()) if (!(await frame.evaluate('"axe" in window'))) await frame.evaluate(AXE);
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      await settle();
      const runOnly = colorScheme === 'light' ? STANDARDS : ON_COLORS;
      const found = await page.evaluate(async (runOnly) => {
        const { violations } = await (window as unknown as { axe: typeof axe }).axe.run({ runOnly, resultTypes: ['violations'] });
        return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
      }, runOnly);
      expect(found, `${path}, ${colorScheme}`).toEqual([]);
    }
    audited.add(like);
  }

  /** Votes show in the results within a few seconds: by themselves where scripts run, and otherwise when the page is loaded again. */
  async soonFinds(check: (patience: { timeout: number }) => Promise<void>, page = this.page) {
    if (this.javascript) return check({ timeout: 20_000 });
    await expect(async () => {
      await page.reload();
      await check({ timeout: 1_000 });
    }).toPass({ timeout: 20_000 });
  }

  /** Follows a link. */
  async follows(link: string) {
    await this.page.getByRole('link', { name: link, exact: true }).click();
  }

  async presses(button: string, page = this.page) {
    await page.getByRole('button', { name: button, exact: true }).click();
  }

  /** Fills in and sends the form of `/register` or `/login`. */
  async signs(button: 'Create account' | 'Log in', password = this.password) {
    await this.page.getByLabel('Username').fill(this.name);
    await this.page.getByLabel('Password').fill(password);
    await this.presses(button);
  }

  async registers(next?: string) {
    const query = next ? `?next=${next}` : '';
    await this.page.goto(`/register${query}`);
    await this.isAt(`/register${query}`);
    await this.signs('Create account');
    await this.isAt(`/verify${query}`);
  }

  async asksForCode() {
    await this.page.getByLabel('Phone number').fill(this.number);
    await this.presses('Send code');
    await expect(this.page.getByText('We have sent a code to your number.')).toBeVisible();
  }

  /** Reads the newest code on the simulated phone. */
  async readsCode(number = this.number) {
    const phone = await (await this.page.request.get('/simulator')).text();
    const newest = phone.split('<li class="bubble">').find((bubble) => bubble.includes(number)) ?? '';
    return codeIn(newest);
  }

  /** Reads the newest code on the page of the simulated phone, in another tab. */
  async looksForCode() {
    const phone = await this.page.context().newPage();
    await phone.goto('/simulator');
    await this.isAt('/simulator', phone);
    const newest = await phone.locator('li.bubble').filter({ hasText: this.number }).first().innerText();
    await phone.close();
    return codeIn(newest);
  }

  async confirms(code: string) {
    await this.page.getByLabel('Code', { exact: true }).fill(code);
    await this.presses('Confirm');
  }

  /** Sends a form without its page, and gives the answer. */
  async sends(form: string, data: object) {
    const { request } = this.page;
    // Each token stands for one form that is sent once.
    const { token } = await (await request.get('/api/csrf')).json();
    const answer = await request.post(`/api/${form}`, { headers: { 'X-CSRF-Token': token, Accept: 'application/json' }, data });
    expect(answer.ok(), `${form}: ${await answer.text()}`).toBe(true);
    return (await answer.json()) as { next: string };
  }

  /** Has an account with a proved number, and is at `next`, or at home. For stories about something else than the way there. */
  async joins(next = '/') {
    await this.sends('register', { username: this.name, password: this.password });
    await this.sends('send_code', { phone: this.number });
    await this.sends('check_code', { code: await this.readsCode() });
    await this.page.goto(next);
    await this.isAt(next);
  }

  /** Registers and proves the number page by page, and is then at `next`, or at home. */
  async walksIn(next?: string) {
    await this.registers(next);
    await this.asksForCode();
    await this.isAt(`/verify/code${next ? `?next=${next}` : ''}`);
    await this.confirms(await this.looksForCode());
    await this.isAt(next ?? '/');
  }

  async logsOut() {
    await this.page.getByRole('banner').locator('summary').click();
    await this.presses('Log out');
  }

  /** The path of a poll, found on the home page. */
  async pathOf(question: string) {
    await this.page.goto('/');
    return (await this.page.getByRole('link', { name: question }).getAttribute('href')) ?? '';
  }
}

let born = 0;

async function isBorn(context: BrowserContext, worker: number, javascript: boolean) {
  // Numbers that are nobody's are few: a thousand. No worker brings forth more than 120 people, and few workers are started anew.
  const index = worker * 120 + born++;
  await context.setExtraHTTPHeaders({ 'X-Forwarded-For': `10.0.${worker}.${born}` });
  const number = `+447700900${String(index).padStart(3, '0')}`;
  return new Visitor(await context.newPage(), `visitor-${index}`, number, javascript);
}

/** A visitor, and as many others as a story needs, each with a browser of their own. */
export const test = base.extend<{ visitor: Visitor; another: () => Promise<Visitor> }>({
  visitor: async ({ context, javaScriptEnabled }, use, { workerIndex }) => {
    const visitor = await isBorn(context, workerIndex, javaScriptEnabled !== false);
    await use(visitor);
    visitor.hasNoComplaints();
  },
  another: async ({ browser, contextOptions, javaScriptEnabled, baseURL, viewport, isMobile, hasTouch }, use, { workerIndex }) => {
    const others: Visitor[] = [];
    await use(async () => {
      const context = await browser.newContext({ ...contextOptions, javaScriptEnabled, baseURL, viewport, isMobile, hasTouch });
      const other = await isBorn(context, workerIndex, javaScriptEnabled !== false);
      others.push(other);
      return other;
    });
    for (const other of others) {
      other.hasNoComplaints();
      await other.page.context().close();
    }
  },
});
