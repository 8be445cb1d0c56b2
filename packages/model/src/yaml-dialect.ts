/**
 * Options for the package `yaml`, which this package does without. Kubernetes and Helm read YAML 1.1, so everybody here
 * does, and whoever writes quotes what a reader of 1.1 or of 1.2 would take for something else than a text.
 */

/** Reads as Kubernetes does: `yes` is true, `0755` is octal, but `22:22` and `2001-01-01` are texts. */
export const asKubernetesReads = { version: '1.1', merge: true, customTags: likeKubernetes } as const

/** Writes what is read as it was, by readers of YAML 1.1 and of 1.2; long lines stay whole, nothing becomes an alias. */
export const asEverybodyReads = {
  version: '1.2',
  compat: 'yaml-1.1',
  aliasDuplicateObjects: false,
  lineWidth: 0,
} as const

/** Drops what YAML 1.1 knows and Kubernetes' parser does not: base 60 and timestamps. */
function likeKubernetes<T>(tags: T[]): T[] {
  return tags.filter((tag) => {
    if (typeof tag !== 'object' || tag === null) return tag !== 'timestamp' && tag !== 'intTime' && tag !== 'floatTime'
    const { tag: name, format } = tag as { tag?: unknown; format?: unknown }
    return name !== 'tag:yaml.org,2002:timestamp' && format !== 'TIME'
  })
}
