import type { ServiceRule } from './rules.ts';

/** Returns a service as people read it: `shop/shop-v1:8080`, `shop:http of version=v1`. */
export function serviceText({ name, namespace, port, protocol, podLabel }: ServiceRule): string {
  const where = namespace === undefined ? name : `${namespace}/${name}`;
  const scheme = protocol === 'https' ? 'https://' : '';
  const pods = podLabel === undefined ? '' : ` of ${podLabel.key}=${podLabel.value}`;
  return `${scheme}${where}:${port}${pods}`;
}
