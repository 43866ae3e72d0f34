import type { Comparison } from '#core/routing/rules';
import { jsonDifferences } from './json-differences.ts';

/** What is known of an answer. */
export interface Answered {
  readonly status: number;
  /** Its body; undefined where it was longer than is kept, or came to no end. */
  readonly body: Uint8Array | undefined;
}

/** In what an answer and that to the copy may differ. */
export const differenceKinds = ['status', 'body'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

export interface Difference {
  readonly what: DifferenceKind;
  /** In JSON bodies a pointer; '' for the whole. */
  readonly place: string;
  readonly original: string;
  readonly copy: string;
}

export interface Compared {
  readonly differences: readonly Difference[];
  /** A body was to be compared and could not be: too long, or no JSON on one side. */
  readonly isIncomplete: boolean;
}

const mostPlaces = 10;
const absent = '(nothing)';
const notJson = Symbol('not JSON');

/** Compares an answer with that to the copy of its request. */
export function compareAnswers(original: Answered, copy: Answered, rule: Comparison): Compared {
  const differences: Difference[] = [];
  if (rule.status && original.status !== copy.status) {
    const [one, other] = [`${original.status}`, `${copy.status}`];
    differences.push({ what: 'status', place: '', original: one, copy: other });
  }
  if (rule.body === 'off') return { differences, isIncomplete: false };
  const { body: one } = original;
  const { body: other } = copy;
  if (one === undefined || other === undefined) return { differences, isIncomplete: true };
  if (isEqual(one, other)) return { differences, isIncomplete: false };
  if (rule.body === 'bytes') {
    differences.push(bytesDiffer(one, other));
    return { differences, isIncomplete: false };
  }
  const [json, otherJson] = [parse(one), parse(other)];
  if (json === notJson && otherJson === notJson) return { differences, isIncomplete: true };
  if (json === notJson || otherJson === notJson) {
    differences.push(oneIsNoJson(json === notJson));
    return { differences, isIncomplete: false };
  }
  for (const found of jsonDifferences(json, otherJson, rule.ignore, mostPlaces)) {
    const { place, original: value = absent, copy: otherValue = absent } = found;
    differences.push({ what: 'body', place, original: value, copy: otherValue });
  }
  return { differences, isIncomplete: false };
}

function oneIsNoJson(isOriginal: boolean): Difference {
  const [original, copy] = isOriginal ? ['no JSON', 'JSON'] : ['JSON', 'no JSON'];
  return { what: 'body', place: '', original, copy };
}

function bytesDiffer(one: Uint8Array, other: Uint8Array): Difference {
  const at = one.findIndex((byte, index) => byte !== other[index]);
  const place = `byte ${at === -1 ? one.length : at}`;
  return {
    what: 'body',
    place,
    original: `${one.length} bytes`,
    copy: `${other.length} bytes`,
  };
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return notJson;
  }
}
