/** Returns the name of an object among all of its kind: `shop/cart`. Without a namespace it is in `default`. */
export function nameOfObject({
  metadata,
}: {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
