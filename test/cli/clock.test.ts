import { expect, test } from 'vitest';
import { withClock } from '../../src/cli/clock.js';
import { Terminal } from '../../src/cli/terminal.js';

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

test('the clock of a terminal goes on while nothing new is said, and is gone in the end', async () => {
  const written: string[] = [];
  const stderr = { isTTY: true, columns: 80, write: (text: string) => written.push(text) };
  const terminal = new Terminal({ write: () => undefined }, stderr);
  const result = await withClock(terminal, async (say) => {
    say('reading');
    await pause(1500);
    say('measuring');
    await pause(300);
    return 42;
  });
  expect(result).toBe(42);
  const shown = written.join('\n');
  expect(shown).toMatch(/1 s {2}reading/);
  expect(shown).toMatch(/\d s {2}measuring/);
  expect(written.filter((text) => text.includes('reading')).length).toBeGreaterThan(1);
  expect(written.at(-1)).toBe('\r\u001B[2K');
  const count = written.length;
  await pause(300);
  expect(written).toHaveLength(count);
});

test('a failure stops the clock too', async () => {
  const written: string[] = [];
  const terminal = new Terminal(
    { write: () => undefined },
    { isTTY: true, write: (text: string) => written.push(text) },
  );
  await expect(withClock(terminal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await pause(700);
  expect(written).toEqual([]);
});
