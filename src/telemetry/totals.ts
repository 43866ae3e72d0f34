import { handshakeFailures } from '#core/exchange/handshake-failure';
import { nameTroubles } from '#core/exchange/labels';
import { shedLevels } from '#core/overload/shed-level';

/** Sides of the proxy on which there are connections. */
export const sides = ['downstream', 'upstream'] as const;
export type ConnectionSide = (typeof sides)[number];

/**
 * What is counted beside the rows, as parts of one array: whatever has its part here is told
 * by a worker and added up by its primary without another line of code.
 */
export class Totals {
  readonly refused: Float64Array;
  readonly handshakes: Float64Array;
  readonly connections: Float64Array;
  readonly connectionsTotal: Float64Array;
  readonly bugs: Float64Array;
  readonly nameFailures: Float64Array;
  /** How many processes shed load, by what they shed: one that sheds nothing is in none. */
  readonly shedding: Float64Array;
  /** All parts, one behind the other. */
  readonly values: Float64Array;
  /** 1 where a number may fall: it says how things stand, not how often something happened. */
  readonly isGauge: Uint8Array;

  /** `refusals`: how many reasons there are to refuse a message. */
  constructor(refusals: number) {
    const gauges: number[] = [];
    let size = 0;
    const counters = (count: number) => {
      size += count;
      return [size - count, size] as const;
    };
    const gaugesOf = (count: number) => {
      for (let at = size; at < size + count; at++) gauges.push(at);
      return counters(count);
    };
    const parts = {
      refused: counters(refusals),
      handshakes: counters(handshakeFailures.length),
      connections: gaugesOf(sides.length),
      connectionsTotal: counters(sides.length),
      bugs: counters(1),
      nameFailures: counters(nameTroubles.length),
      shedding: gaugesOf(shedLevels.length),
    };
    this.values = new Float64Array(size);
    this.isGauge = new Uint8Array(size);
    for (const at of gauges) this.isGauge[at] = 1;
    this.refused = this.values.subarray(...parts.refused);
    this.handshakes = this.values.subarray(...parts.handshakes);
    this.connections = this.values.subarray(...parts.connections);
    this.connectionsTotal = this.values.subarray(...parts.connectionsTotal);
    this.bugs = this.values.subarray(...parts.bugs);
    this.nameFailures = this.values.subarray(...parts.nameFailures);
    this.shedding = this.values.subarray(...parts.shedding);
  }
}
