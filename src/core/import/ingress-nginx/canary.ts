import { cookieName, fieldName } from '#core/conditions/field-name';
import { regexText } from '#core/conditions/regex';
import type { Report } from '../finding.ts';
import type { WrittenAudience, WrittenCondition } from '../imported-route.ts';
import { scaledWeights } from '../scaled-weights.ts';
import type { Annotations } from './ingress.ts';

/** How requests are divided between the main service and its canary. */
export interface Division {
  readonly mainWeight: number;
  readonly canaryWeight: number;
  readonly audiences: readonly WrittenAudience[];
}

const usualTotal = 100;

/**
 * Returns the division that the annotations of a canary Ingress ask for, by the controller's
 * order: the header, then the cookie, then the weight (its lua/balancer.lua).
 *
 * With `canary-by-header-value` the header counts for that value alone; with
 * `canary-by-header-pattern`, which counts only without a value, for what it is found in; else for
 * `always` and `never`. Any other value leaves the request to the cookie, and that to the weight.
 */
export function divisionOf(
  annotations: Annotations,
  main: string,
  canary: string,
  report: Report,
): Division {
  const total = Math.max(usualTotal, annotations.number('canary-weight-total') ?? 0);
  const weight = Math.min(total, Math.max(0, weightOf(annotations, report)));
  const [mainWeight = 0, canaryWeight = 0] = scaledWeights([total - weight, weight]);
  const audiences = [
    ...byHeader(annotations, main, canary, report),
    ...byCookie(annotations, main, canary, report),
  ];
  return { mainWeight, canaryWeight, audiences };
}

function weightOf(annotations: Annotations, report: Report): number {
  for (const name of ['canary-weight', 'canary-weight-total']) {
    if (annotations.text(name) === undefined || annotations.number(name) !== undefined) continue;
    report({
      code: 'TN6009',
      message: `${name} is no whole number: the controller takes it as absent, and so it is here`,
      span: annotations.span(name),
    });
  }
  return annotations.number('canary-weight') ?? 0;
}

function byHeader(
  annotations: Annotations,
  main: string,
  canary: string,
  report: Report,
): readonly WrittenAudience[] {
  const name = annotations.text('canary-by-header');
  const value = annotations.text('canary-by-header-value');
  const pattern = annotations.text('canary-by-header-pattern');
  if (name === undefined) {
    for (const idle of ['canary-by-header-value', 'canary-by-header-pattern']) {
      if (annotations.text(idle) === undefined) continue;
      const message = `${idle} does nothing without canary-by-header`;
      report({ code: 'TN6007', message, span: annotations.span(idle) });
    }
    return [];
  }
  if (!fieldName.safeParse(name).success) {
    report({
      code: 'TN6009',
      message: 'canary-by-header is not the name of a header: nobody is sent to the canary by it',
      span: annotations.span('canary-by-header'),
    });
    return [];
  }
  if (value !== undefined) {
    if (pattern !== undefined) {
      const message = 'canary-by-header-pattern does nothing beside canary-by-header-value';
      report({ code: 'TN6007', message, span: annotations.span('canary-by-header-pattern') });
    }
    return [audience('canary-by-header-value', { header: { [name]: value } }, canary)];
  }
  if (pattern !== undefined) return byPattern(annotations, name, pattern, canary, report);
  return alwaysAndNever('canary-by-header', 'header', name, main, canary);
}

function byPattern(
  annotations: Annotations,
  name: string,
  pattern: string,
  canary: string,
  report: Report,
): readonly WrittenAudience[] {
  const parsed = regexText.safeParse(pattern);
  if (parsed.success) {
    return [
      audience('canary-by-header-pattern', { header: { [name]: { regex: pattern } } }, canary),
    ];
  }
  report({
    code: 'TN6005',
    message:
      'canary-by-header-pattern cannot run in linear time or is too long: nobody is sent to the canary by it',
    hint: 'write an audience with a regex of RE2, without lookaround and backreferences',
    span: annotations.span('canary-by-header-pattern'),
  });
  return [];
}

function byCookie(
  annotations: Annotations,
  main: string,
  canary: string,
  report: Report,
): readonly WrittenAudience[] {
  const name = annotations.text('canary-by-cookie');
  if (name === undefined) return [];
  if (!cookieName.safeParse(name).success) {
    report({
      code: 'TN6009',
      message: 'canary-by-cookie is not the name of a cookie: nobody is sent to the canary by it',
      span: annotations.span('canary-by-cookie'),
    });
    return [];
  }
  return alwaysAndNever('canary-by-cookie', 'cookie', name, main, canary);
}

function alwaysAndNever(
  kind: string,
  part: 'header' | 'cookie',
  name: string,
  main: string,
  canary: string,
): readonly WrittenAudience[] {
  return [
    audience(`${kind}-always`, { [part]: { [name]: 'always' } }, canary),
    audience(`${kind}-never`, { [part]: { [name]: 'never' } }, main),
  ];
}

function audience(name: string, when: WrittenCondition, version: string): WrittenAudience {
  return { name, when, version };
}
