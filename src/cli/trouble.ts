/** What each exit code means; docs/reference/cli.md has a row for each. */
export const exitCodes = {
  done: 0,
  badState: 1,
  wrongUse: 2,
  /** Or not allowed. */
  unreachable: 3,
  conflict: 4,
  timedOut: 5,
  undecided: 6,
  interrupted: 130,
} as const;

/**
 * Something a person can put right: ends the command with a sentence, never with a stack.
 *
 * The message names the place, the value and the cause; the remedy says what to do.
 */
export class Trouble extends Error {
  readonly exitCode: number;
  readonly remedy: string | undefined;

  constructor(exitCode: number, message: string, remedy?: string) {
    super(message);
    this.name = 'Trouble';
    this.exitCode = exitCode;
    this.remedy = remedy;
  }

  /** Returns the lines that go to stderr. */
  get text(): string {
    const remedy = this.remedy === undefined ? '' : `  hint: ${this.remedy}\n`;
    return `error: ${this.message}\n${remedy}`;
  }
}
