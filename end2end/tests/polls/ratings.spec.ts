import { expect, test } from '../../support/fixtures';

test('an organiser makes a rated poll with a final, rates in it and sees who won', async ({ visitor, another }) => {
  const { page } = visitor;
  await visitor.joins('/polls/new');
  await page.getByLabel('Question').fill(`Which dog shall we get? (${visitor.name})`);
  await page.getByLabel('Choice 1').fill('Beagle');
  await page.getByLabel('Choice 2').fill('Collie');
  await page.getByLabel('A rating').check();
  await page.getByLabel('A final between the two highest (STAR)').check();
  await visitor.presses('Create poll');
  await page.waitForURL(/\/polls\/\w{10}$/);
  const poll = new URL(page.url()).pathname;

  await page.goto(`${poll}/vote`);
  await visitor.isAt(`${poll}/vote`);
  visitor.expectsStatus(422);
  await visitor.presses('Vote');
  await expect(page.getByText("You didn't rate a choice. Give each 0 to 5.")).toBeVisible();
  await visitor.isAt(`${poll}/vote`);
  const rates = async (dog: string, points: string, where = page) =>
    where.getByRole('group', { name: dog, exact: true }).getByRole('radio', { name: points, exact: true }).check();
  await rates('Beagle', '5');
  await rates('Collie', '3');
  await visitor.presses('Vote');
  await visitor.isAt(`${poll}/results`);

  // A stranger rates on the poll's own page; the rating is kept until they may vote.
  const stranger = await another();
  await stranger.page.goto(poll);
  await rates('Collie', '4', stranger.page);
  await stranger.presses('Vote');
  await expect(stranger.page.getByRole('heading', { level: 1 })).toBeVisible();
  await stranger.joins(`${poll}/vote`);
  await expect(stranger.page.getByText('Your choice from before.')).toBeVisible();
  await expect(stranger.page.getByRole('group', { name: 'Collie', exact: true }).getByRole('radio', { name: '4' })).toBeChecked();
  await stranger.presses('Vote');
  await stranger.isAt(`${poll}/results`);

  await visitor.eventuallySees((options) => expect(page.locator('.verdict')).toContainText('but it has the higher total', options));
  await expect(page.getByRole('row', { name: /Collie/ }).first()).toContainText('7');
  await expect(page.getByRole('row', { name: /No preference/ })).toContainText('0');
  await visitor.isAt(`${poll}/results`);
  await visitor.closes(poll);
});
