// A person with a browser and a phone, and what they do on the site.

import { expect, type BrowserContext, type Page } from '@playwright/test';
import { isAccessible } from './accessibility';

/** Has a name, a phone number and an IP address that no other visitor of the run has. */
export class Visitor {
  readonly password = 'three blue beagles';
  private readonly expectedStatuses = new Set<number>();
  private readonly errors: string[] = [];
  private networkErrorsExpected = false;

  constructor(
    readonly page: Page,
    readonly name: string,
    readonly number: string,
    readonly javascript: boolean,
  ) {
    this.recordErrors(page.context());
  }

  /** Records what goes wrong unseen: console messages, uncaught errors and failed requests. */
  private recordErrors(context: BrowserContext) {
    context.on('console', (message) => {
      const status = /Failed to load resource: the server responded with a status of (\d+)/.exec(message.text())?.[1];
      if (this.networkErrorsExpected && /net::ERR_|htmx:error/.test(message.text())) return;
      if (status ? !this.expectedStatuses.has(Number(status)) : ['error', 'warning'].includes(message.type())) {
        this.errors.push(`${message.type()} at ${message.location().url}: ${message.text()}`);
      }
    });
    context.on('weberror', (error) => this.errors.push(String(error.error())));
    context.on('requestfailed', (request) => {
      // The browser aborts what it is still loading when the visitor leaves the page.
      const reason = request.failure()?.errorText;
      if (reason !== 'net::ERR_ABORTED' && !this.networkErrorsExpected) this.errors.push(`${request.url()}: ${reason}`);
    });
  }

  /** Expects answers with this status, which Chromium reports on the console. */
  expectsStatus(status: number) {
    this.expectedStatuses.add(status);
  }

  /** Expects requests to fail on the network. */
  expectsNetworkErrors() {
    this.networkErrorsExpected = true;
  }

  hasNoErrors() {
    expect(this.errors).toEqual([]);
  }

  /** Waits until htmx has swapped the page, which is shortly after the URL changes. */
  async isSettled(page = this.page) {
    await expect(page.locator('.htmx-request')).toHaveCount(0);
  }

  /** Checks the URL, and that the page has a heading and is accessible. */
  async isAt(path: string, page = this.page) {
    await expect(page).toHaveURL(path);
    await this.isSettled(page);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    // axe needs JavaScript; the pages are the same without.
    if (this.javascript) await isAccessible(page, path);
  }

  /**
   * Makes a check of live results: votes appear within a few seconds, by themselves with scripts,
   * and after a reload without.
   */
  async eventuallySees(check: (options: { timeout: number }) => Promise<void>, page = this.page) {
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
  async submits(button: 'Create account' | 'Log in', password = this.password, page = this.page) {
    await page.getByLabel('Username').fill(this.name);
    await page.getByLabel('Password').fill(password);
    await this.presses(button, page);
  }

  /** Creates an account with the forms, but verifies no number. */
  async registers(next?: string) {
    const query = next ? `?next=${next}` : '';
    await this.page.goto(`/register${query}`);
    await this.isAt(`/register${query}`);
    await this.submits('Create account');
    await this.isAt(`/verify${query}`);
  }

  async asksForCode() {
    await this.page.getByLabel('Phone number').fill(this.number);
    await this.presses('Send code');
    await expect(this.page.getByText('We have sent a code to your number.')).toBeVisible();
  }

  /** Returns the newest code that was sent to a number, without opening the simulated phone. */
  async readsCode(number = this.number) {
    const phone = await (await this.page.request.get('/simulator')).text();
    const newest = phone.split('<li class="bubble">').find((bubble) => bubble.includes(number)) ?? '';
    return codeIn(newest);
  }

  /** Returns the newest code, as read on the simulated phone in another tab. */
  async opensPhone() {
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

  /** Answers the offer of recovery codes, which is made after a code, and goes on to `next`. */
  async declinesRecoveryCodes(next = '/') {
    await this.isAt(`/account/recovery/offer${next === '/' ? '' : `?next=${next}`}`);
    await this.presses('Not now');
    await this.isAt(next);
  }

  /** Calls a server function without its page, and returns the answer. */
  async calls(endpoint: string, data: object) {
    const { request } = this.page;
    // Each token is valid for one call.
    const { token } = await (await request.get('/api/csrf')).json();
    const answer = await request.post(`/api/${endpoint}`, { headers: { 'X-CSRF-Token': token, Accept: 'application/json' }, data });
    expect(answer.ok(), `${endpoint}: ${await answer.text()}`).toBe(true);
    return (await answer.json()) as { next: string };
  }

  /** Closes a poll of theirs, which takes it off the home page: that shows twenty, and other tests need the demo polls. */
  async closes(poll: string) {
    await this.calls('close_poll', { poll: poll.split('/').pop() });
  }

  /** Creates an account with a verified number without the forms, and goes to `next`. */
  async joins(next = '/') {
    await this.calls('register', { username: this.name, password: this.password });
    await this.calls('send_code', { phone: this.number });
    await this.calls('check_code', { code: await this.readsCode() });
    await this.page.goto(next);
    await this.isAt(next);
  }

  /** Creates an account with a verified number with the forms, which lead to `next`. */
  async joinsByForms(next?: string) {
    await this.registers(next);
    await this.asksForCode();
    await this.isAt(`/verify/code${next ? `?next=${next}` : ''}`);
    await this.confirms(await this.opensPhone());
    if (next?.startsWith('/polls/')) await this.isAt(next);
    else await this.declinesRecoveryCodes(next);
  }

  async logsOut(page = this.page) {
    await page.getByRole('banner').locator('summary').click();
    await this.presses('Log out', page);
  }

  async logsInAgain(page = this.page) {
    await this.logsOut(page);
    await expect(page.getByText('You are logged out.')).toBeVisible();
    await page.goto('/login');
    await this.submits('Log in', this.password, page);
  }

  /** Returns the path of a poll, which it finds on the home page. */
  async pathOf(question: string) {
    await this.page.goto('/');
    return (await this.page.getByRole('link', { name: question }).getAttribute('href')) ?? '';
  }
}

/** Returns the code in a message. A voice call reads it digit by digit. */
const codeIn = (message: string) => (/Pollstr code: ([\d, ]+)\./.exec(message)?.[1] ?? '').replace(/\D/g, '');
