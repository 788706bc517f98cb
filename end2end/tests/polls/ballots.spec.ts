import { expect, test, type Visitor } from '../../support/fixtures';

const DOGS = ['Beagle', 'Collie', 'Dachshund'];

/** Creates a poll with the form, and returns its path. It is unlisted: the home page has room for twenty, and other tests look for theirs. */
async function createPoll(organiser: Visitor, question: string, kind: string, { listed = false, more = async () => {} } = {}) {
  const { page } = organiser;
  await organiser.joins('/polls/new');
  await page.getByLabel('Question').fill(question);
  for (const [index, dog] of DOGS.entries()) await page.getByLabel(`Choice ${index + 1}`, { exact: true }).fill(dog);
  await page.getByLabel(kind, { exact: true }).check();
  if (!listed) {
    await page.getByText('Visibility and who can vote').click();
    await page.getByRole('radio', { name: 'Anyone with the link' }).check();
  }
  await more();
  await organiser.presses('Create poll');
  await expect(page).toHaveURL(/\/polls\/\w{10}$/);
  return new URL(page.url()).pathname;
}

/** Locates the number of votes of a choice. */
function votesFor({ page }: Visitor, dog: string) {
  return page.getByRole('table').first().getByRole('row', { name: dog }).getByRole('cell').first();
}

test('three voters pick several choices, and each choice counts', async ({ visitor, another }) => {
  const poll = await createPoll(visitor, `Which dogs may come? (${visitor.name})`, 'Several choices');
  const voters = [visitor, await another(), await another()];
  for (const [index, voter] of voters.entries()) {
    if (voter === visitor) await voter.page.goto(`${poll}/vote`);
    else await voter.joins(`${poll}/vote`);
    // The first voter picks one choice, the second two, the third three.
    for (const dog of DOGS.slice(0, index + 1)) await voter.page.getByLabel(dog, { exact: true }).check();
    await voter.isAt(`${poll}/vote`);
    await voter.presses('Vote');
    await voter.isAt(`${poll}/results`);
    await voter.eventuallySees((options) => expect(votesFor(voter, 'Beagle')).toHaveText(`${index + 1}`, options));
  }
  const last = voters[2]!;
  for (const [index, dog] of DOGS.entries()) await expect(votesFor(last, dog)).toHaveText(`${3 - index}`);
});

test('a ranking is made by choosing places or by moving choices', async ({ visitor, another }) => {
  const { page } = visitor;
  const poll = await createPoll(visitor, `Who is the mascot? (${visitor.name})`, 'A ranking');
  await page.goto(`${poll}/vote`);
  await page.getByLabel('Collie', { exact: true }).selectOption('1');
  await page.getByLabel('Beagle', { exact: true }).selectOption('2');
  await visitor.isAt(`${poll}/vote`);
  if (visitor.javascript) {
    const up = page.getByRole('button', { name: 'Move up: Beagle' });
    await up.press('Enter');
    await expect(up).toBeFocused();
    await expect(page.getByLabel('Beagle', { exact: true })).toHaveValue('1');
    await expect(page.getByLabel('Collie', { exact: true })).toHaveValue('2');
    await page.getByRole('button', { name: 'Move down: Beagle' }).click();
    await expect(page.getByRole('listitem').filter({ has: page.getByLabel('Collie', { exact: true }) })).toHaveClass(/placed/);
  }
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);

  const other = await another();
  other.expectsStatus(422);
  await other.joins(`${poll}/vote`);
  await other.page.getByLabel('Dachshund', { exact: true }).selectOption('1');
  if (!other.javascript) {
    // Without scripts two choices can have the same place, which is an error.
    await other.page.getByLabel('Beagle', { exact: true }).selectOption('1');
    await other.presses('Vote');
    await expect(other.page.getByText(/^Two choices have the same rank\. .*Beagle.* and .*Dachshund/)).toBeVisible();
    await expect(other.page.getByLabel('Dachshund', { exact: true })).toHaveValue('1');
    await other.page.getByLabel('Beagle', { exact: true }).selectOption('2');
  }
  await other.presses('Vote');
  await other.isAt(`${poll}/results`);
  await other.eventuallySees((options) => expect(other.page.locator('caption', { hasText: '2 votes so far' })).toBeVisible(options));
});

test('a vote is changed with its receipt, and the receipt can be looked up', async ({ visitor }) => {
  const { page } = visitor;
  visitor.expectsStatus(422);
  const poll = await createPoll(visitor, `Where shall we walk? (${visitor.name})`, 'One choice', {
    more: async () => {
      await page.getByText('Ballot options').click();
      await page.getByLabel('Let voters change their vote').check();
    },
  });
  await page.goto(`${poll}/vote`);
  await page.getByLabel('Beagle', { exact: true }).check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  const receipt = await page.locator('output').innerText();
  expect(receipt).toMatch(/^(\w{4}-){3}\w{4}$/);

  await page.goto(`${poll}/receipt`);
  await page.getByLabel('Receipt').fill(receipt.slice(1));
  await visitor.presses('Check');
  await expect(page.getByText('A receipt has sixteen letters and digits.')).toBeVisible();
  await page.getByLabel('Receipt').fill(receipt.toLowerCase());
  await visitor.presses('Check');
  await expect(page.getByText(`The ballot with receipt ${receipt} is counted.`)).toBeVisible();
  await visitor.isAt(`${poll}/receipt`);

  await page.goto(poll);
  await visitor.follows('Change my vote');
  await visitor.isAt(`${poll}/vote`);
  await page.getByLabel('Collie', { exact: true }).check();
  await page.getByLabel('Receipt').fill(receipt);
  await visitor.presses('Change my vote');
  await visitor.isAt(`${poll}/results`);
  await visitor.eventuallySees((options) => expect(votesFor(visitor, 'Collie')).toHaveText('1', options));
  await expect(votesFor(visitor, 'Beagle')).toHaveText('0');
});

test('while results are hidden until the close, a vote gets a receipt that can change it', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await createPoll(visitor, `Which name is kept secret? (${visitor.name})`, 'One choice', {
    more: async () => {
      await page.getByText('Who sees the results', { exact: true }).first().click();
      await page.getByLabel('Nobody until it closes').check();
      await page.getByText('Ballot options').click();
      await page.getByLabel('Let voters change their vote').check();
    },
  });
  await page.goto(`${poll}/vote`);
  await page.getByLabel('Beagle', { exact: true }).check();
  await visitor.presses('Vote');
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  await visitor.isAt(poll);
  await expect(page.getByText('Results are published when the poll closes.')).toBeVisible();
  const receipt = await page.locator('output').innerText();
  await visitor.follows('Change my vote');
  await page.getByLabel('Collie', { exact: true }).check();
  await page.getByLabel('Receipt').fill(receipt);
  await visitor.presses('Change my vote');
  await expect(page.getByText('Thanks, your vote is counted.')).toBeVisible();
  await expect(page.getByText('Your receipt', { exact: true })).toBeVisible();
  await page.goto(poll);
  await expect(page.getByText('You have voted in this poll.')).toBeVisible();
});

test('the home page finds polls by their words and marks those voted in', async ({ visitor }) => {
  const { page } = visitor;
  const poll = await createPoll(visitor, `Is a zebra a dog? (${visitor.name})`, 'One choice', { listed: true });
  await page.goto(`${poll}/vote`);
  await page.getByLabel('Collie', { exact: true }).check();
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);
  await page.goto('/');
  await page.getByLabel('Search polls').pressSequentially(`zeb ${visitor.name.split('-')[1]}`);
  if (!visitor.javascript) await visitor.presses('Search');
  const card = page.getByRole('listitem').filter({ hasText: 'Is a zebra a dog?' });
  await expect(card).toHaveCount(1);
  await expect(card.getByText('You voted')).toBeVisible();
  await expect(page).toHaveURL(/\/\?q=zeb/);
});
