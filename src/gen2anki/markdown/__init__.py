"""The marks of a text: what each means, and when it is only a sign. Each file is one rule of docs/format.md."""
