import { nextShedLevel, type ShedLevel, type StrainLimits, sheds } from '#core/overload/shed-level';
import type { StrainGauge } from './strain.ts';

export interface OverloadLimits extends StrainLimits {
  /** How often it looks. */
  readonly lookMs: number;
}

/**
 * Sheds work when there is too much of it: late answers to everybody help nobody (Envoy's
 * overload manager; notes on "goodput" in Google's SRE book, chapter 21).
 */
export class Overload {
  level: ShedLevel = 'nothing';
  readonly #gauge: StrainGauge;
  readonly #limits: OverloadLimits;
  readonly #changed: (level: ShedLevel) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(gauge: StrainGauge, limits: OverloadLimits, changed: (level: ShedLevel) => void) {
    this.#gauge = gauge;
    this.#limits = limits;
    this.#changed = changed;
    this.#timer = setInterval(() => this.look(), limits.lookMs);
    this.#timer.unref();
  }

  /** Looks once; it also does so by itself. */
  look(): void {
    const level = nextShedLevel(this.level, this.#gauge.read(), this.#limits);
    if (level === this.level) return;
    this.level = level;
    this.#changed(level);
  }

  sheds(what: ShedLevel): boolean {
    return this.level !== 'nothing' && sheds(this.level, what);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#gauge.close();
  }
}
