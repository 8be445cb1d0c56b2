import {
  type ApplicationSpec,
  apiVersion,
  type Component,
  type ComponentVersionSpec,
  type KubeObject,
  labels,
  projectNamespace,
  type FrozenDocument,
  type ResolvedSource,
} from '@flotilla/model'
import { canonicalDigest } from '../canonical-digest.ts'

/** One object per component, named by what is in it: the same version again is the same object. */
export function componentVersionsOf(
  document: Pick<FrozenDocument, 'application' | 'project' | 'spec' | 'sources'>,
): KubeObject[] {
  const { application, project, spec, sources } = document
  return spec.components.map((component) => {
    const version = versionOf(application.name, component, sources)
    const mark = canonicalDigest(version).slice('sha256:'.length, 'sha256:'.length + 12)
    return {
      apiVersion,
      kind: 'ComponentVersion',
      metadata: {
        name: `${application.name}-${component.name}-${mark}`,
        namespace: projectNamespace(project.name),
        labels: {
          [labels.application]: application.name,
          [labels.project]: project.name,
          [labels.component]: component.name,
        },
      },
      spec: version,
    }
  })
}

function versionOf(
  application: string,
  component: ApplicationSpec['components'][number],
  sources: readonly ResolvedSource[],
): ComponentVersionSpec {
  const source = sources.find((resolved) => resolved.component === component.name)
  const images = component.images ?? {}
  return {
    application,
    component: component.name,
    definition: {
      type: typeOf(component),
      digest: source?.digest ?? '',
      ...(source?.version === undefined ? {} : { version: source.version }),
      ...(source?.pinned === undefined ? {} : { pinned: source.pinned }),
    },
    ...(Object.keys(images).length === 0 ? {} : { images }),
  }
}

const typeOf = ({ helm, kustomize }: Component): ComponentVersionSpec['definition']['type'] =>
  helm !== undefined ? 'helm' : kustomize !== undefined ? 'kustomize' : 'manifests'
