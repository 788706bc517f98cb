import { expect, KIND_OF_DOG, test, type Visitor } from './fixtures';

// Without scripts, browsers say themselves that no page came.
test.beforeEach(({ visitor }) => visitor.willBeCutOff());

/** What the page says of the request that failed, where the focus is. */
async function isTold({ page }: Visitor, words: string) {
  const said = page.getByRole('main').getByRole('alert');
  await expect(said).toHaveText(words);
  await expect(said).toBeFocused();
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
}

test('a vote that is pressed offline is not sent, and the same press sends it later', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await visitor.joins(`${poll}/vote`);
  await page.getByLabel('A cat').check();
  await page.context().setOffline(true);
  for (const _ of ['once', 'and once more']) {
    await visitor.presses('Vote');
    await isTold(visitor, 'Not sent: you seem to be offline. Try again.');
  }
  await visitor.isAt(`${poll}/vote`);
  await expect(page.getByLabel('A cat')).toBeChecked();
  await page.context().setOffline(false);
  await visitor.presses('Vote');
  await expect(page.getByText('Thank you, your vote is counted.')).toBeVisible();
  await visitor.isAt(`${poll}/results`);
});

test('a vote whose answer is lost may be pressed again, and is counted once', { tag: '@scripts' }, async ({ visitor, another }) => {
  const { page } = visitor;
  visitor.willBeRefusedWith(422);
  const organiser = await another();
  await organiser.joins('/polls/new');
  await organiser.page.getByLabel('Question').fill(`Who was it? (${visitor.name})`);
  await organiser.page.getByLabel('Choice 1').fill('The cat');
  await organiser.page.getByLabel('Choice 2').fill('The dog');
  await organiser.presses('Create poll');
  await expect(organiser.page).toHaveURL(/\/polls\/\w{10}$/);
  const poll = new URL(organiser.page.url()).pathname;

  await visitor.joins(`${poll}/vote`);
  await page.getByLabel('The dog').check();
  await page.route(`${poll}/vote`, async (route) => {
    await route.fetch({ maxRedirects: 0 });
    await route.abort('connectionreset');
  });
  await visitor.presses('Vote');
  await isTold(visitor, "We don't know whether your vote arrived. Press the button again: it is counted once.");
  await expect(page.getByLabel('The dog')).toBeChecked();
  await page.unroute(`${poll}/vote`);
  await visitor.presses('Vote');
  await expect(page.getByText(/counted|counts/).first()).toBeVisible();
  await page.goto(`${poll}/results`);
  await expect(page.getByText('1 vote so far')).toBeVisible();
});

test('what was typed stays where an answer is lost, and the page tells after a reload', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await visitor.registers();
  await page.route('/verify', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch({ maxRedirects: 0 });
    await route.abort('connectionreset');
  });
  await page.getByLabel('Phone number').fill(visitor.number);
  await visitor.presses('Send code');
  await isTold(visitor, "We don't know whether it arrived. Reload the page to see.");
  await expect(page.getByLabel('Phone number')).toHaveValue(visitor.number);
  await page.reload();
  await expect(page.getByText('A code is on its way to you.')).toBeVisible();
});

test('a link says so when its page does not come, and leads on when it is pressed again', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  const poll = await visitor.pathOf(KIND_OF_DOG);
  await page.context().setOffline(true);
  await visitor.follows(KIND_OF_DOG);
  await isTold(visitor, 'You seem to be offline, so that page did not load. Try again.');
  await visitor.isAt('/');
  await page.context().setOffline(false);
  await visitor.follows(KIND_OF_DOG);
  await visitor.isAt(poll);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await page.context().setOffline(true);
  await page.goBack();
  await isTold(visitor, 'You seem to be offline, so that page did not load. Try again.');
});

test('a search that fails says so and leaves the focus where one types', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  await page.context().setOffline(true);
  await page.getByLabel('Search polls').pressSequentially('dog');
  await expect(page.getByRole('search').getByRole('alert')).toHaveText('You seem to be offline, so that page did not load. Try again.');
  await expect(page.getByLabel('Search polls')).toBeFocused();
});

test('an answer of what stands in front of the site is not taken for a page', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  for (const status of [502, 504, 403]) visitor.willBeRefusedWith(status);
  const body = '<html><head><title>Bad Gateway</title></head><body><center><h1>Bad Gateway</h1></center><main id="main">nginx</main></body></html>';
  for (const status of [502, 504, 403, 200]) {
    await page.goto('/');
    const front = '/polls/**';
    await page.route(front, (route) => route.fulfill({ status, contentType: 'text/html', body }));
    await visitor.follows(KIND_OF_DOG);
    await isTold(visitor, 'This site cannot be reached just now. That page did not load. Try again.');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Open polls');
    await visitor.isAt('/');
    await page.unroute(front);
  }
  await page.goto('/register');
  await page.route('/register', (route) => route.fulfill({ status: 502, contentType: 'text/html', body }));
  await visitor.signs('Create account');
  await isTold(visitor, "This site cannot be reached just now. We don't know whether it arrived. Reload the page to see.");
  await expect(page.getByLabel('Username')).toHaveValue(visitor.name);
  await expect(page.getByLabel('Password')).toHaveValue(visitor.password);
});

test('a wait of ten seconds is told, and no longer than it lasts', { tag: '@scripts' }, async ({ visitor }) => {
  const { page } = visitor;
  await page.clock.install();
  await page.goto('/');
  let answer = () => {};
  const waiting = new Promise<void>((resolve) => (answer = resolve));
  await page.route('/polls/**', async (route) => {
    await waiting;
    await route.continue();
  });
  await visitor.follows(KIND_OF_DOG);
  await expect(page.locator('.busy.htmx-request')).toBeAttached();
  const said = page.getByText('This is taking longer than usual. Please wait.');
  await page.clock.runFor(9_500);
  await expect(said).toHaveCount(0);
  await page.clock.runFor(1_000);
  await expect(said).toBeVisible();
  answer();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(KIND_OF_DOG);
  await expect(said).toHaveCount(0);
});
