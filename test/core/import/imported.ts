import type { Test } from 'tap';
import type { Document } from '#core/document/document';
import type { Problem } from '#core/document/problem';
import { read } from '#core/document/read';
import { type ImportKind, importText } from '#core/import/import-text';
import { assign, newAssignment } from '#core/routing/assign';
import { compile } from '#core/snapshot/compile';
import { facts, type MadeUp } from '../conditions/made-up-facts.ts';

/** Warnings of `read` that say what is so, and nothing against what was translated. */
const harmless = [
  // A canary at weight 0 is how a release begins.
  'TN3005',
  // Somebody has asked for no verification.
  'TN3017',
  // Which name the certificates of pods have, no Ingress says.
  'TN3043',
];

/** Translates a text, and reads what came of it as a process would. */
export function imported(t: Test, kind: ImportKind, text: string) {
  const result = importText(kind, text, 'in.yaml');
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems));
  t.same(importText(kind, text, 'in.yaml'), result, 'the same text gives the same document');
  const { document, warnings } = result;
  const written = document?.text ?? '';
  return { text: written, warnings: warnings.map(shown), rules: rulesOf(t, written) };
}

/** As `in.yaml:8: TN6002: affinity of shop/web is …`, without the place in the line. */
function shown({ code, line, message }: Problem): string {
  return `${line} ${code} ${message}`;
}

/** Throws where `read` has anything against a document that was written. */
export function documentIn(written: string): Document | undefined {
  if (written === '') return undefined;
  const reading = read(written);
  if (reading.kind === 'problems') throw new Error(`${JSON.stringify(reading)}\n${written}`);
  const told = reading.warnings.filter(({ code }) => !harmless.includes(code));
  if (told.length > 0) throw new Error(`${JSON.stringify(told)}\n${written}`);
  return reading.document;
}

function rulesOf(t: Test, written: string) {
  const document = documentIn(written);
  t.ok(document !== undefined || written === '');
  return document?.routes ?? [];
}

/** What becomes of requests under a document: the route, its version and why. */
export function outcomesOf(written: string) {
  const document = documentIn(written);
  if (document === undefined) throw new Error('there is no document');
  const snapshot = compile(document, { hash: 'a1b2c3d4e5f6', rowOf: () => 0 });
  return (made: MadeUp, random = 0.5) => {
    const request = facts(made);
    const route = snapshot.find(request);
    if (route === undefined) return undefined;
    const into = newAssignment();
    const ports = {
      random: () => random,
      epochMs: () => 0,
      newUnit: () => '0'.repeat(32),
      mac: () => undefined,
    };
    assign(route, request, ports as never, into);
    return {
      route: route.name,
      version: into.version?.name,
      reason: into.reason,
      rule: route.rule,
    };
  };
}
