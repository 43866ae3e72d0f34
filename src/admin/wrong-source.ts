import type { RulesSource } from '#core/document/rules-source';

/**
 * Returns why rules of a source cannot be changed here for good, and what to do instead; undefined:
 * they can.
 */
export function wrongSource({
  kind,
  name,
}: RulesSource): { readonly detail: string; readonly hint: string } | undefined {
  if (kind === 'file') return undefined;
  const { from, remedy } = sources[kind](name);
  return {
    detail: `the rules come from ${from}: a change made here would be undone by its next update`,
    hint: `${remedy}; for a while: turnout weight ROUTE VERSION=N... --ttl 10m`,
  };
}

const sources = {
  volume: (name: string) => ({
    from: `the ConfigMap that is mounted at ${name}`,
    remedy: 'change that ConfigMap: kubectl apply -f FILE',
  }),
  configmap: (name: string) => {
    const [namespace = '', object = ''] = name.split('/');
    return {
      from: `the ConfigMap ${name}`,
      remedy: `change it: kubectl apply -f FILE, or kubectl -n ${namespace} edit configmap ${object}`,
    };
  },
  httproutes: (name: string) => ({
    from: `the HTTPRoutes of the namespace ${name}`,
    remedy: 'change those: kubectl apply -f FILE',
  }),
} as const;
