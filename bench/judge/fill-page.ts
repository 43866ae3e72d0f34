// Writes bench/results/judge.json into docs/explanation/judge.md: no number of the tables there
// is typed by hand.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JudgeFile } from './result.ts';
import { comparedTable, rowsTable } from './tables.ts';

const page = join(import.meta.dirname, '../../docs/explanation/judge.md');

/** Returns the page with the tables between their marks. */
export function filled(text: string, file: JudgeFile): string {
  const tables = { rows: rowsTable(file), compared: comparedTable(file) };
  return Object.entries(tables).reduce((before, [name, table]) => {
    const marks = new RegExp(`(<!-- judge:${name}:begin -->\n)[^]*?(<!-- judge:${name}:end -->)`);
    if (!marks.test(before)) throw new Error(`no marks for ${name} to write between`);
    return before.replace(marks, (_all, begin, end) => `${begin}${table}\n${end}`);
  }, text);
}

export function fillPage(file: JudgeFile): void {
  writeFileSync(page, filled(readFileSync(page, 'utf8'), file));
}
