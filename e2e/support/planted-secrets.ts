import { randomBytes } from 'node:crypto'

/** Secret values by the place where they were planted, and how to find them again in any text. */
export class PlantedSecrets {
  readonly #forms = new Map<string, readonly string[]>()

  /** A value that stands nowhere else, with signs that look otherwise in an address. */
  plant(place: string): string {
    return this.add(place, `pl4nt+${place.replaceAll(/[^a-z]/g, '')}/${randomBytes(9).toString('hex')}=`)
  }

  /** A secret that somebody else chose, such as a token. */
  add(place: string, value: string): string {
    if (value.length < 8) throw new Error(`${place}: too short to be told from other text`)
    this.#forms.set(`${place} ${this.#forms.size}`, spellingsOf(value))
    return value
  }

  /** The places whose secret the text gives away, and how it is spelt there. */
  foundIn(text: string): string[] {
    return [...this.#forms].flatMap(([place, forms]) =>
      forms.filter((form) => text.includes(form)).map((form) => `${place} as ${form.slice(0, 6)}...`),
    )
  }
}

/** As it is, in an address, and in base64 wherever in a longer text it begins. */
function spellingsOf(value: string): string[] {
  const inside = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), Buffer.from(value)]).toString('base64')
    // the first and the last sign hold bits of their neighbours
    return whole.slice(shift === 0 ? 0 : shift + 1).replace(/.?={0,2}$/, '')
  })
  const forms = [value, encodeURIComponent(value), ...inside]
  return [...new Set([...forms, ...inside.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))])]
}
