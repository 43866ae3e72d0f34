import { read } from '#core/document/read';
import { renderProblems } from '#core/document/render-problems';
import type { RouteRule } from '#core/routing/rules';

/** Returns an HTTPRoute `shop/cart` with these rules, as YAML; `more` is a line of its spec. */
export function httpRoute(rules: string, more = '', name = 'cart', namespace = 'shop'): string {
  const indented = rules.replace(/^(?=.)/gm, '    ');
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: ${namespace} }
spec:
${more === '' ? '' : `  ${more}\n`}  rules:
${indented}
`;
}

/** Returns the routes of a text; throws its problems. */
export function routesOf(text: string): readonly RouteRule[] {
  const reading = read(text);
  if (reading.kind === 'document') return reading.document.routes;
  throw new Error(renderProblems(reading.problems, { file: 'text', text }));
}

/** Returns what is found in a text: `7 TN2004 message`, lines counted from 1. */
export function foundIn(text: string): readonly string[] {
  const reading = read(text);
  const problems = reading.kind === 'problems' ? reading.problems : reading.warnings;
  return problems.map(({ line, code, message }) => `${line} ${code} ${message}`);
}
