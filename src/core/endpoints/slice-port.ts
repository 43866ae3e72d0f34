import type { Service, SlicePort } from '#core/kubernetes/objects';

/** Which port of a slice is meant. */
export type WantedPort =
  /** One of these names; '' is the name of a port without one. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** The one that it has: nothing else says which. */
  | { readonly kind: 'only' }
  /** The Service does not have it. */
  | { readonly kind: 'none' };

/**
 * Returns which port of its slices the port of a Service is. They have its name, and the number at
 * the pods, which may be another one in each: a number of the Service is found by the Service.
 */
export function wantedPort(port: number | string, service: Service | undefined): WantedPort {
  if (typeof port === 'string') return { kind: 'named', names: [port] };
  if (service === undefined) return { kind: 'only' };
  const ports = (service.spec?.ports ?? []).filter((one) => one.port === port);
  // TCP and UDP may have one number; of a slice only TCP is looked at.
  return ports.length === 0
    ? { kind: 'none' }
    : { kind: 'named', names: ports.map(({ name }) => name ?? '') };
}

/** Returns the number at the pods of a slice; undefined where it does not have the port. */
export function portOfSlice(wanted: WantedPort, ports: readonly SlicePort[]): number | undefined {
  if (wanted.kind === 'none') return undefined;
  const usable = ports.filter(
    ({ port, protocol }) => port != null && (protocol ?? 'TCP') === 'TCP',
  );
  const [first, ...more] =
    wanted.kind === 'only'
      ? usable
      : usable.filter(({ name }) => wanted.names.includes(name ?? ''));
  return more.length === 0 ? (first?.port ?? undefined) : undefined;
}
