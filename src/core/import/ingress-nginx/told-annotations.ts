import type { Report } from '../finding.ts';
import { fullName } from '../kube-object.ts';
import { affinity, isNamed, translated, type Untranslated, untranslatedBy } from './annotations.ts';
import { type Ingress, isCanary } from './ingress.ts';

/** Tells every annotation of an Ingress that nothing was made of. */
export function tellAnnotations(ingress: Ingress, report: Report): void {
  const { object, annotations } = ingress;
  const isCanaryOne = isCanary(ingress);
  for (const name of annotations.names()) {
    const told = isCanaryOne ? ofCanary(name) : ofMain(name);
    if (told === undefined) continue;
    const message = `${name} of ${fullName(object)} ${told.why}`;
    report({ code: told.code, message, hint: told.hint, span: annotations.span(name) });
  }
}

type Told = Omit<Untranslated, 'names'>;

const unknown: Told = { code: 'TN6008', why: 'is not known: nothing was made of it' };
const ofMainIngress: Told = {
  code: 'TN6007',
  why: 'does nothing: a canary has the annotations of its main Ingress',
};
const withoutCanary: Told = { code: 'TN6007', why: 'does nothing without canary: "true"' };

function ofMain(name: string): Told | undefined {
  if (name.startsWith('canary-')) return translated.includes(name) ? withoutCanary : unknown;
  return translated.includes(name) ? undefined : (untranslatedBy(name) ?? unknown);
}

/** A canary has annotations of its own for itself and for session affinity; the rest is its main one's. */
function ofCanary(name: string): Told | undefined {
  if (name.startsWith('canary')) return translated.includes(name) ? undefined : unknown;
  const known = untranslatedBy(name);
  const isOwn = affinity.some((one) => isNamed(name, one)) || known?.code === 'TN6007';
  return isOwn ? known : ofMainIngress;
}
