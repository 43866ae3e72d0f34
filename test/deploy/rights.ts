import type { Rule } from './manifest.ts';

const reads = ['get', 'list', 'watch'];

/**
 * What Turnout asks of the API, by what makes it ask: the one list of it. Manifests and chart grant
 * this and nothing else. What a stub server was asked (`ApiServer.asked`) has to be in it.
 */
export const rights = {
  /** `TURNOUT_RULES=configmap:…`. */
  rules: [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['turnout-rules'], verbs: reads },
  ],
  /** `TURNOUT_RULES=httproutes:…`. */
  httpRoutes: [
    { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes'], verbs: reads },
  ],
  /** `service: { name, port }` with the name of a port. */
  services: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: reads }],
  /** The same with the number of a port. */
  servicePorts: [{ apiGroups: [''], resources: ['services'], verbs: reads }],
  /** `versionFrom: { podLabel }`. */
  podsByLabel: [{ apiGroups: [''], resources: ['pods'], verbs: reads }],
  /** `TURNOUT_STATE=configmap:…`: the ledger and the Lease, both made by the manifests. */
  state: [
    {
      apiGroups: [''],
      resources: ['configmaps'],
      resourceNames: ['turnout-state'],
      verbs: [...reads, 'update', 'patch'],
    },
    {
      apiGroups: ['coordination.k8s.io'],
      resources: ['leases'],
      resourceNames: ['turnout-state'],
      verbs: ['get', 'update'],
    },
  ],
} as const satisfies Record<string, readonly Rule[]>;

/** What each component grants. */
export const grantedBy = {
  api: [...rights.rules, ...rights.services, ...rights.servicePorts],
  'pods-by-label': rights.podsByLabel,
  httproutes: rights.httpRoutes,
  rollouts: rights.state,
} as const satisfies Record<string, readonly Rule[]>;
