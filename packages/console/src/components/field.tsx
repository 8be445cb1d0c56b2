import { type InputHTMLAttributes, type ReactNode, useId } from 'react'

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: ReactNode
  readonly hint?: ReactNode
  /** What is wrong with it; said to those who do not see, too. */
  readonly wrong?: ReactNode
}

/** A labelled input with its hint and its fault. */
export function Field({ label, hint, wrong, ...input }: FieldProps) {
  const id = useId()
  const about = `${id}-about`
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        aria-invalid={wrong !== undefined}
        {...(hint === undefined && wrong === undefined ? {} : { 'aria-describedby': about })}
        {...input}
      />
      {(hint !== undefined || wrong !== undefined) && (
        <div id={about} className={wrong === undefined ? 'sub' : 'sub failed'}>
          {wrong ?? hint}
        </div>
      )}
    </div>
  )
}
