/** `applications.see` and its like, by what they are about; in the order in which they are offered. */
export function grantGroups(
  grants: readonly string[],
): { readonly about: string; readonly grants: readonly string[] }[] {
  const groups = Map.groupBy(grants, (grant) => grant.slice(0, grant.indexOf('.')))
  return [...groups].map(([about, own]) => ({ about, grants: own }))
}

/** What is after the point: what may be done. */
export const deedOf = (grant: string): string => grant.slice(grant.indexOf('.') + 1)
