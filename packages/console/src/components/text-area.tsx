import { type ReactNode, type TextareaHTMLAttributes, useId } from 'react'

interface TextAreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly wrong?: ReactNode
}

/** A labelled field of several lines, in the monospaced face. */
export function TextArea({ label, hint, wrong, ...input }: TextAreaProps) {
  const id = useId()
  const about = `${id}-about`
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="input"
        spellCheck={false}
        autoComplete="off"
        aria-invalid={wrong !== undefined}
        aria-describedby={about}
        {...input}
      />
      <div id={about} className={wrong === undefined ? 'sub' : 'sub failed'}>
        {wrong ?? hint}
      </div>
    </div>
  )
}
