import type { Endpoint } from '#core/routing/route';
import type { UpstreamTls } from '#core/routing/rules';

const shape = /^(https?):\/\/(\[[^\]]*\]|[^:]*)(?::(\d+))?$/;

/**
 * Returns the endpoint of a URL of the document.
 *
 * Not by `URL`, which refuses some names that resolvers take (`xn--a`, `a.0x10`) and knows
 * nothing the schema has not seen to.
 */
export function compileEndpoint(url: string, tls: UpstreamTls | undefined): Endpoint {
  const [, scheme, host = '', digits] = shape.exec(url.toLowerCase()) ?? [];
  const protocol = scheme === 'https' ? 'https' : 'http';
  const port = Number(digits ?? (protocol === 'https' ? 443 : 80));
  const authority = `${host}:${port}`;
  const said = protocol === 'https' && tls !== undefined ? tlsText(tls) : '';
  return Object.freeze({
    key: `${protocol}://${authority}${said === '' ? '' : `#${said}`}`,
    protocol,
    host: host.replace(/^\[|\]$/g, ''),
    port,
    authority,
    tls: said === '' ? undefined : tls,
  });
}

const texts = ['ca', 'cert', 'key', 'serverName'] as const;

/** Returns what differs from what holds anyway; two rules have one text only if they are equal. */
function tlsText(tls: UpstreamTls): string {
  const parts: string[] = [];
  for (const name of texts) {
    const value = tls[name];
    if (value !== undefined) parts.push(`${name}=${encodeURIComponent(value)}`);
  }
  if (!tls.verify) parts.push('verify=false');
  return parts.join('&');
}
