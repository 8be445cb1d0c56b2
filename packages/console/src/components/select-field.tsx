import { type ReactNode, type SelectHTMLAttributes, useId } from 'react'

interface SelectFieldProps extends SelectHTMLAttributes<HTMLSelectElement> {
  readonly label: string
  readonly hint?: ReactNode
}

/** A labelled choice of one, with what the choice means. */
export function SelectField({ label, hint, children, ...select }: SelectFieldProps) {
  const id = useId()
  const about = `${id}-about`
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" {...(hint === undefined ? {} : { 'aria-describedby': about })} {...select}>
        {children}
      </select>
      {hint !== undefined && (
        <div id={about} className="sub">
          {hint}
        </div>
      )}
    </div>
  )
}
