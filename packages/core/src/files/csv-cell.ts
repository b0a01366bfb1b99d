/** A cell of a CSV file (RFC 4180): in quotes where a comma, a quote or a line break asks for them. */
export const csvCell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
