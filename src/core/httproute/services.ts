import * as z from 'zod';
import { mustBe } from '#core/conditions/expectation';
import { isHostName } from '#core/conditions/host-pattern';
import { oneOrMore } from '#core/conditions/one-or-more';
import { upstreamUrl } from '#core/routing/upstream-url';
import type { ObjectReference } from './object-reference.ts';

const isName = mustBe(
  'TN2007',
  'the name of a Service: shop, shop:8080, namespace/shop or namespace/shop:8080',
);

/** Where Services are, by name. */
export const servicesSchema = z.record(
  z
    .string({ error: isName })
    .regex(/^(?:[a-z0-9][a-z0-9-]*\/)?[a-z0-9][a-z0-9.-]*(?::\d{1,5})?$/, { error: isName }),
  oneOrMore(
    upstreamUrl,
    mustBe('TN2008', 'http://host:port or https://host:port, or a list of them'),
  ),
  { error: mustBe('TN2001', 'a mapping of names of Services to URLs') },
);
export type Services = z.output<typeof servicesSchema>;

/** Where a reference leads, or why it leads nowhere. */
export type Destination =
  | { readonly kind: 'urls'; readonly urls: readonly string[] }
  | { readonly kind: 'nowhere'; readonly why: string };

/**
 * Returns where a reference leads: to what `services` says of its name, else to the name of the
 * Service in the cluster's DNS. `namespace` is that of the object it stands in. Nothing leads to
 * another namespace but a line of `services` that names it: grants are not looked at.
 */
export function destination(
  reference: ObjectReference,
  namespace: string,
  services: readonly Services[],
): Destination {
  const { group = '', kind = 'Service', name, port } = reference;
  const home = reference.namespace ?? namespace;
  const known = fromServices(namesOf(reference, namespace), services);
  if (known !== undefined) return { kind: 'urls', urls: known };
  if (group !== '' || kind !== 'Service') {
    return { kind: 'nowhere', why: `${kind}${group === '' ? '' : ` of ${group}`} is no Service` };
  }
  if (home !== namespace) {
    return {
      kind: 'nowhere',
      why: `it is in another namespace, ${home}, and nothing permits that`,
    };
  }
  if (port === undefined) return { kind: 'nowhere', why: 'it names no port' };
  const host = `${name}.${home}.svc`;
  return isHostName(host)
    ? { kind: 'urls', urls: [`http://${host}:${port}`] }
    : { kind: 'nowhere', why: `${host} is no name of a host` };
}

function fromServices(
  names: readonly string[],
  services: readonly Services[],
): readonly string[] | undefined {
  for (const map of services) {
    const name = names.find((one) => Object.hasOwn(map, one));
    if (name !== undefined) return map[name];
  }
  return undefined;
}

/** Returns the names a reference may have in `services`, the most exact first. */
export function namesOf(
  { name, namespace, port }: ObjectReference,
  home: string,
): readonly string[] {
  const whole = `${namespace ?? home}/${name}`;
  const names = namespace === undefined || namespace === home ? [whole, name] : [whole];
  return port === undefined ? names : [...names.map((one) => `${one}:${port}`), ...names];
}
