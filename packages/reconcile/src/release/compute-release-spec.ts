import {
  type ApplicationSpec,
  type Component,
  type Finding,
  type FrozenDocument,
  type ReleaseChoice,
  sameJson,
} from '@flotilla/model'
import { chooseVersion, sourceOfComponent } from './choose-version.ts'

export interface ReleaseSpecQuestion {
  /** The application as it is declared now. */
  readonly declared: ApplicationSpec
  /** What this release chooses. */
  readonly choices: readonly ReleaseChoice[]
  /** The release that the application has now. */
  readonly before?: Pick<FrozenDocument, 'declared' | 'choices'> | undefined
}

export interface ReleaseSpecAnswer {
  /** Declared, with the choices: what is to be rendered. */
  readonly spec: ApplicationSpec
  /** What was chosen, with what is carried over. */
  readonly choices: readonly ReleaseChoice[]
  /** One of severity Error: there is no such release. */
  readonly findings: readonly Finding[]
}

/**
 * Three ways come together, per component: what this release chooses, else what the release before chose, unless the
 * application's own word on just that was edited since, else the application.
 */
export function computeReleaseSpec({ declared, choices, before }: ReleaseSpecQuestion): ReleaseSpecAnswer {
  const findings: Finding[] = []
  const names = new Set(declared.components.map(({ name }) => name))
  for (const [index, { name }] of choices.entries())
    if (!names.has(name))
      findings.push(refuse(`spec.components[${index}].name`, name, `The application has no component ${name}`))
  const made = declared.components.map((component) => {
    const own = choices.findIndex(({ name }) => name === component.name)
    const choice = mergeChoice(component.name, choices[own], carriedOver(component, before))
    const result = choose(component, choice)
    if (result.ok) return { component: result.component, choice }
    // what cannot be carried over is not what somebody asks for now
    if (choices[own]?.version === undefined) return { component, choice: undefined }
    const message = `Version ${choice.version ?? ''} cannot be chosen for ${component.name}: ${result.reason}`
    findings.push(refuse(`spec.components[${own}].version`, component.name, message))
    return { component, choice: undefined }
  })
  const chosen = made.flatMap(({ choice }) =>
    choice === undefined || (choice.version === undefined && choice.images === undefined) ? [] : [choice],
  )
  findings.push(...findOverridden(declared, chosen))
  return {
    spec: { ...declared, components: made.map(({ component }) => component) },
    choices: chosen,
    findings,
  }
}

function choose(component: Component, { version, images }: ReleaseChoice) {
  const merged = images === undefined ? component : { ...component, images: { ...component.images, ...images } }
  return version === undefined ? ({ ok: true, component: merged } as const) : chooseVersion(merged, version)
}

function mergeChoice(name: string, own: ReleaseChoice | undefined, carried: Omit<ReleaseChoice, 'name'>) {
  const version = own?.version ?? carried.version
  const images = { ...carried.images, ...own?.images }
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(Object.keys(images).length === 0 ? {} : { images }),
  }
}

/** What the release before chose for a component and nobody edited in the application since, source and each image by itself. */
function carriedOver(component: Component, before: ReleaseSpecQuestion['before']): Omit<ReleaseChoice, 'name'> {
  const choice = before?.choices.find(({ name }) => name === component.name)
  const then = before?.declared.components.find(({ name }) => name === component.name)
  if (choice === undefined || then === undefined) return {}
  const { version, images = {} } = choice
  const sameSource = sameJson(sourceOfComponent(then), sourceOfComponent(component))
  const kept = Object.entries(images).filter(([image]) => imageOf(then, image) === imageOf(component, image))
  return {
    ...(version !== undefined && sameSource ? { version } : {}),
    ...(kept.length === 0 ? {} : { images: Object.fromEntries(kept) }),
  }
}

const imageOf = ({ images = {} }: Component, name: string): string | undefined =>
  Object.hasOwn(images, name) ? images[name] : undefined

/** An override of the application lies above the component, so that it keeps what it says where it holds. */
function findOverridden({ overrides = [] }: ApplicationSpec, chosen: readonly ReleaseChoice[]): Finding[] {
  return chosen.flatMap(({ name, images = {} }) =>
    overrides.flatMap((override): Finding[] => {
      if (override.component !== undefined && override.component !== name) return []
      const overridden = Object.keys(images).filter((image) => Object.hasOwn(override.images ?? {}, image))
      return overridden.map((image) => ({
        severity: 'Warning',
        code: 'release.image_overridden',
        message: `Override ${override.name} says itself which ${image} is used; what is chosen does not reach where it holds`,
        component: name,
      }))
    }),
  )
}

const refuse = (field: string, component: string, message: string): Finding => ({
  severity: 'Error',
  code: 'release.choice_refused',
  message,
  component,
  field,
})
