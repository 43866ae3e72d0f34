import type { Compared, Outcome } from './compare.ts';
import type { JudgeFile } from './result.ts';
import type { Figure } from './rows.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const precise = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function amount(value: number, unit: Figure['unit']): string {
  if (unit === 'share') return `${precise.format(100 * value)} %`;
  const number = Number.isFinite(value) ? whole.format(value) : 'never';
  return unit === 's' ? `${number} s` : number;
}

/** Returns what was demanded and reached, a line for each figure. */
export function rowsTable({ rows }: JudgeFile): string {
  const lines = rows.flatMap(({ what, figures }) =>
    figures.map(({ label, value, unit, limit, isLeast = false, holds }, i) => [
      i === 0 ? what : '',
      label,
      `${isLeast ? 'at least' : 'at most'} ${amount(limit, unit)}`,
      `${amount(value, unit)}${holds ? '' : ' **missed**'}`,
    ]),
  );
  return table(['what', 'setting', 'is to be', 'is'], lines);
}

/** Returns all rules before the same traffic: rolled back though equal, then found. */
export function comparedTable({ compared }: JudgeFile): string {
  const [first] = compared;
  const names = first?.outcomes.map(({ scenario }) => scenario) ?? [];
  return table(['rule', ...names], compared.map(lineOf));
}

function lineOf({ rule, outcomes }: Compared): readonly string[] {
  return [rule, ...outcomes.map(outcomeText)];
}

function outcomeText({ scenario, rolledBack, within }: Outcome): string {
  const share = amount(rolledBack, 'share');
  const isFinding = !scenario.startsWith('equal');
  return isFinding && rolledBack > 0 ? `${share}, 95 % of these in ${amount(within, 's')}` : share;
}
