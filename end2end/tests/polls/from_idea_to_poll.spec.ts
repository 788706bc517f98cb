import { expect, test } from '../../support/fixtures';
import { recordScreens } from '../../support/screens';

test('a stranger writes a poll, signs up and shares it, typing nothing twice', async ({ visitor }) => {
  const { page } = visitor;
  await page.goto('/');
  const screens = recordScreens(page);
  const question = `Shall we plant a tree? (${visitor.name})`;

  await visitor.follows('Create a poll');
  await visitor.isAt('/polls/new/draft');
  await page.getByLabel('Question').fill(question);
  await page.getByLabel('Choice 1').fill('Yes');
  await page.getByLabel('Choice 2').fill('No');
  await page.getByLabel('In a week').check();
  await visitor.presses('Continue');
  await visitor.isAt('/register?next=/polls/new');
  await visitor.submits('Create account');
  await visitor.isAt('/verify?next=/polls/new');
  await visitor.asksForCode();
  await visitor.isAt('/verify/code?next=/polls/new');
  await visitor.confirms(await visitor.readsCode());
  await visitor.isAt('/polls/new');
  await expect(page.getByText('Your poll from before.')).toBeVisible();
  await expect(page.getByLabel('Question')).toHaveValue(question);
  await expect(page.getByLabel('In a week')).toBeChecked();
  await visitor.presses('Create poll');
  await expect(page.getByRole('heading', { name: 'Your poll is live' })).toBeVisible();
  const poll = new URL(page.url()).pathname;
  await visitor.isAt(poll);
  expect(screens).toEqual(['/polls/new/draft', '/register?next=/polls/new', '/verify?next=/polls/new', '/verify/code?next=/polls/new', '/polls/new', poll]);

  await expect(page.locator('#share-link')).toHaveText(new RegExp(`${poll}$`));
  await expect(page.getByRole('img', { name: 'QR code of the link to this poll' })).toBeVisible();
  await expect(page.getByText('Open until')).toBeVisible();
  await visitor.closes(poll);
});

test('a verified organiser pastes a list and has a poll to share on the next screen', async ({ visitor }) => {
  const { page, javascript } = visitor;
  await visitor.joins();
  await visitor.follows('Create a poll');
  await visitor.isAt('/polls/new');
  await visitor.follows('Find a date');
  await visitor.isAt('/polls/new?template=date');
  await expect(page.getByLabel('Question')).toHaveValue('When should we meet?');
  await expect(page.getByLabel('Several choices')).toBeChecked();
  const list = 'Monday\nTuesday\n\nWednesday\nThursday\n';
  if (javascript) {
    await page.getByLabel('Choice 1').evaluate((input, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, list);
  } else {
    await page.getByText('Paste a list').click();
    await page.getByLabel('List of choices').fill(list);
    await visitor.presses('Add these choices');
  }
  await expect(page.getByLabel('Choice 4')).toHaveValue('Thursday');
  await expect(page.getByLabel('Choice 1')).toHaveValue('Monday');
  await expect(page.getByLabel('Choice 5')).toHaveCount(0);
  await visitor.presses('Create poll');
  await expect(page.getByRole('heading', { name: 'Your poll is live' })).toBeVisible();
  await visitor.closes(new URL(page.url()).pathname);
});

test('leaving a poll that is half written asks first', async ({ visitor }) => {
  test.skip(!visitor.javascript, 'without scripts the browser keeps what was typed on going back');
  const { page } = visitor;
  await page.goto('/polls/new/draft');
  await page.getByLabel('Question').fill('Half a question');
  const answers = [false, true];
  page.on('dialog', (dialog) => (answers.shift() ? dialog.accept() : dialog.dismiss()));
  await page.getByRole('banner').getByRole('link', { name: 'Pollstr' }).click();
  await visitor.isAt('/polls/new/draft');
  await expect(page.getByLabel('Question')).toHaveValue('Half a question');
  await page.getByRole('banner').getByRole('link', { name: 'Pollstr' }).click();
  await visitor.isAt('/');
  expect(answers).toEqual([]);
  // An empty form is left without a question.
  await visitor.follows('Create a poll');
  await visitor.isAt('/polls/new/draft');
  await page.getByRole('banner').getByRole('link', { name: 'Pollstr' }).click();
  await visitor.isAt('/');
});

test('a time that is typed is when the poll closes', async ({ visitor }) => {
  test.skip(!visitor.javascript, 'without scripts a typed time counts whatever is chosen beside it');
  const { page } = visitor;
  await page.goto('/polls/new/draft');
  await page.getByLabel('In a day').check();
  await page.getByLabel('Closes', { exact: true }).fill('2099-01-01T10:00');
  await expect(page.getByLabel('At this time:')).toBeChecked();
  await page.getByLabel('In a week').check();
  await expect(page.getByLabel('Closes', { exact: true })).toHaveValue('');
});
