export interface TroublePorts {
  readonly tell: (what: string, message: string) => void;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

const tellAgainMs = 60_000;

/** Tells of trouble: what goes on every few seconds is told once in a while. */
export class Troubles {
  readonly #ports: TroublePorts;
  /** What was told last, by what it was about. */
  readonly #told = new Map<string, { readonly message: string; readonly at: number }>();

  constructor(ports: TroublePorts) {
    this.#ports = ports;
  }

  note(what: string, message: string): void {
    const { tell, now } = this.#ports;
    const told = this.#told.get(what);
    if (told?.message === message && now() - told.at < tellAgainMs) return;
    this.#told.set(what, { message, at: now() });
    tell(what, message);
  }
}
