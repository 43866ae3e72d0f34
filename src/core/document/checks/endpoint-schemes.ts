import type { VersionRule } from '#core/routing/rules';
import type { Finding } from '../finding.ts';
import { at, type Path, pathText } from '../path-text.ts';
import { type Check, type Checked, keySpanAt } from './check.ts';

/** The endpoints of a version are all spoken to over TLS, or none is; what is said of TLS has some. */
export const endpointSchemes: Check = (checked) =>
  checked.routes.flatMap(({ index, rule }) => {
    if (rule === undefined) return [];
    return [
      ...rule.versions.flatMap((version) => ofVersion(checked, index, version)),
      ...idleTls(checked, ['routes', index], rule.versions.flatMap(schemesOf)),
    ];
  });

function ofVersion(checked: Checked, route: number, version: VersionRule): readonly Finding[] {
  const path: Path = ['routes', route, 'versions', version.name];
  const urls = schemesOf(version);
  if (urls.every(isHttps) || !urls.some(isHttps)) return idleTls(checked, path, urls);
  const odd = urls.findIndex((url) => isHttps(url) !== isHttps(urls[0] ?? ''));
  return [
    {
      code: 'TN3015',
      message: `${pathText([...path, 'urls', odd])} is ${schemeOf(urls[odd])}, but ${pathText([...path, 'urls', 0])} is ${schemeOf(urls[0])}`,
      hint: 'the endpoints of a version are all of one scheme; two versions may differ',
      span: at(checked.tree, [...path, 'urls', odd])?.span ?? keySpanAt(checked, path),
    },
  ];
}

/** Who says how to verify should not find out later that nothing is encrypted. */
function idleTls(checked: Checked, path: Path, urls: readonly string[]): readonly Finding[] {
  const tls = [...path, 'tls'];
  if (at(checked.tree, tls) === undefined || urls.length === 0 || urls.some(isHttps)) return [];
  return [
    {
      code: 'TN3016',
      message: `${pathText(tls)} does nothing: no endpoint of ${pathText(path)} is https`,
      hint: 'write https:// in its urls or protocol: https in its service, or take tls away',
      span: keySpanAt(checked, tls),
    },
  ];
}

/** What tells the schemes of a version's endpoints: of a service none is known yet. */
function schemesOf({ urls, service }: VersionRule): readonly string[] {
  return service === undefined ? urls : [`${service.protocol}:`];
}

function isHttps(url: string): boolean {
  return url.startsWith('https:');
}

function schemeOf(url = ''): string {
  return isHttps(url) ? 'https' : 'http';
}
