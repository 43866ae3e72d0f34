/** An HTTPRoute as the API server has it, as far as it is looked at here. */
export interface ServedHttpRoute {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: { readonly parentRefs?: readonly ParentRef[] | null } | null;
}

export interface ParentRef {
  readonly group?: string | null;
  readonly kind?: string | null;
  readonly namespace?: string | null;
  readonly name: string;
}

/** Returns whether an HTTPRoute names a Gateway of its own namespace as a parent. */
export function attachedTo({ metadata, spec }: ServedHttpRoute, gateway: string): boolean {
  const parents = spec?.parentRefs ?? [];
  return parents.some(
    ({ group, kind, namespace, name }) =>
      (group ?? 'gateway.networking.k8s.io') === 'gateway.networking.k8s.io' &&
      (kind ?? 'Gateway') === 'Gateway' &&
      (namespace ?? metadata.namespace) === metadata.namespace &&
      name === gateway,
  );
}
