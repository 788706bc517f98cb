import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';

export { expect };

/** The demo's polls. */
export const KIND_OF_DOG = 'What is your favorite kind of dog?';
export const WHATS_UP = "What's up dog?";
export const WHO_LET = 'Who let the dogs out?';

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

  /** The address bar shows this path and query, and anybody can use the page that is there. */
  async isAt(path: string, page = this.page) {
    await expect(page).toHaveURL(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    // axe needs JavaScript; the pages are the same without.
    if (!this.javascript) return;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Half-faded colours are none to judge.
      await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
      const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
      expect(found, `${path}, ${colorScheme}`).toEqual([]);
    }
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

  /** Reads the newest code on the simulated phone, in another tab. */
  async readsCode(number = this.number) {
    const phone = await this.page.context().newPage();
    await phone.goto('/simulator');
    await this.isAt('/simulator', phone);
    const newest = phone.locator('li.bubble').filter({ hasText: number }).first();
    // A voice reads it out digit by digit.
    const code = /Pollstr code: ([\d, ]+)\./.exec(await newest.innerText())?.[1];
    await phone.close();
    return code?.replace(/\D/g, '') ?? '';
  }

  async confirms(code: string) {
    await this.page.getByLabel('Code', { exact: true }).fill(code);
    await this.presses('Confirm');
  }

  /** Registers and proves the number, and is then at `next`, or at home. */
  async joins(next?: string) {
    await this.registers(next);
    await this.asksForCode();
    await this.isAt(`/verify/code${next ? `?next=${next}` : ''}`);
    await this.confirms(await this.readsCode());
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
