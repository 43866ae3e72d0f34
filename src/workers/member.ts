import { type ChildProcess, spawn } from 'node:child_process';
import type { VersionView } from '#core/endpoints/version-view';
import type { FromWorker, Question, SentDocument, ToWorker, Vitals } from './messages.ts';

/** How a worker stands: it starts, serves, or has a bug and finishes what is begun. */
export type MemberState = 'starting' | 'serving' | 'leaving';

/** What becomes of a question to a worker. */
export type Answer =
  | { readonly kind: 'done'; readonly at: number; readonly shown: readonly VersionView[] }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It died, or did not answer in time. */
  | { readonly kind: 'none' };

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface MemberPorts<Counts> {
  /** What starts a worker: the program and its words. */
  readonly command: readonly [program: string, ...words: string[]];
  /** The ports it listens on. */
  readonly fds: readonly number[];
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
  readonly said: (member: Member<Counts>, message: FromWorker<Counts>) => void;
  /** Called once, when all it has said was heard. */
  readonly ended: (member: Member<Counts>, ending: Ending) => void;
}

/** A worker as its primary has it: a process and a channel to it. */
export class Member<Counts> {
  /** From 1; whoever replaces it has the same. */
  readonly place: number;
  readonly startedAt: number;
  state: MemberState = 'starting';
  /** It knows what to do, and can be asked. */
  isTold = false;
  servingSince: number | undefined;
  /** The document that it serves. */
  serves: SentDocument | undefined;
  vitals: Vitals | undefined;
  /** Looks of its primary since it was last heard. */
  unheard = 0;
  /** Its primary has given it up. */
  isLagging = false;
  readonly #ports: MemberPorts<Counts>;
  readonly #child: ChildProcess;
  readonly #questions = new Map<number, (answer: Answer) => void>();
  #number = 0;
  #isOver = false;

  constructor(place: number, ports: MemberPorts<Counts>) {
    const [program, ...words] = ports.command;
    this.#ports = ports;
    this.place = place;
    this.startedAt = ports.now();
    this.#child = spawn(program, words, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...ports.fds],
      serialization: 'advanced',
    });
    // Both ends of the channel are this program.
    this.#child.on('message', (message) => this.#heard(message as FromWorker<Counts>));
    this.#child.on('close', (code, signal) => this.#over({ code, signal }));
    // One that could not be started does not close.
    this.#child.on('error', () => {
      if (this.#child.pid === undefined) this.#over({ code: null, signal: null });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send<Work>(message: ToWorker<Work>): void {
    // It may die at any moment; that is told by its end.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Resolves with its answer, or with none after `withinMs`. */
  ask(question: Question, withinMs: number): Promise<Answer> {
    if (this.#isOver) return Promise.resolve({ kind: 'none' });
    const number = ++this.#number;
    return new Promise((resolve) => {
      const timeout = setTimeout(() => this.#settle(number, { kind: 'none' }), withinMs);
      this.#questions.set(number, (answer) => {
        clearTimeout(timeout);
        resolve(answer);
      });
      this.send({ number, ...question });
    });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #heard(message: FromWorker<Counts>): void {
    this.unheard = 0;
    if (message.kind === 'done') {
      const { number, shown = [] } = message;
      this.#settle(number, { kind: 'done', at: this.#ports.now(), shown });
    } else if (message.kind === 'failed') {
      this.#settle(message.number, { kind: 'failed', reason: message.reason });
    } else {
      this.#ports.said(this, message);
    }
  }

  #settle(number: number, answer: Answer): void {
    this.#questions.get(number)?.(answer);
    this.#questions.delete(number);
  }

  #over(ending: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const number of [...this.#questions.keys()]) this.#settle(number, { kind: 'none' });
    this.#ports.ended(this, ending);
  }
}
