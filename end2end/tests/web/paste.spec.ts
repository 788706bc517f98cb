import { expect, KIND_OF_DOG, test, type Visitor } from '../../support/fixtures';

/** Copies a text in another tab and pastes it into a field with the keyboard. */
async function pastes({ page }: Visitor, label: string, text: string) {
  const elsewhere = await page.context().newPage();
  await elsewhere.setContent('<label>Text <textarea></textarea></label>');
  const source = elsewhere.getByLabel('Text');
  await source.fill(text);
  await source.press('Control+a');
  await source.press('Control+c');
  await elsewhere.close();
  await page.bringToFront();
  const field = page.getByLabel(label, { exact: true });
  await field.fill('');
  await field.press('Control+v');
  // A single-line field drops line breaks, and must drop nothing else. Some versions of Chromium copy a no-break space
  // as a space.
  const plain = (value: string) => value.replaceAll('\u00a0', ' ');
  await expect.poll(async () => plain(await field.inputValue())).toBe(plain(text.replaceAll('\n', '')));
}

test('a phone number, the message with a code, a receipt and a username can be pasted as copied', async ({ visitor }) => {
  const { page, number } = visitor;
  await visitor.registers();
  await pastes(visitor, 'Phone number', `\u202a(${number.slice(0, 3)})\u00a0${number.slice(3, 7)}\u2011${number.slice(7)}\u202c,`);
  await visitor.presses('Send code');
  await expect(page.getByText('We have sent a code to your number.')).toBeVisible();
  const code = await visitor.readsCode();
  await pastes(visitor, 'Code', `Pollstr code: ${code}. Valid for 5 minutes.\n`);
  await visitor.presses('Confirm');
  await visitor.declinesRecoveryCodes();

  const poll = await visitor.pathOf(KIND_OF_DOG);
  await page.goto(`${poll}/vote`);
  await page.getByRole('radio').first().check();
  await visitor.presses('Vote');
  const receipt = (await page.locator('#receipt').textContent()) ?? '';
  await page.goto(`${poll}/receipt`);
  await pastes(visitor, 'Receipt', `Your receipt: ${receipt.replaceAll('-', '\u2011')}\n`);
  await visitor.presses('Check');
  await expect(page.getByText(`The ballot with receipt ${receipt} is counted.`)).toBeVisible();

  await visitor.logsOut();
  await visitor.isAt('/');
  await visitor.follows('Log in');
  await pastes(visitor, 'Username', `\u2068${visitor.name.toUpperCase()}\u2069\u00a0`);
  await page.getByLabel('Password').fill(visitor.password);
  await visitor.presses('Log in');
  await visitor.isAt('/verify');
});
