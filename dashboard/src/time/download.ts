/** Hands a file of CSV to the reader; the mark at its beginning tells spreadsheets that it is UTF-8. */
export function download(name: string, csv: string): void {
  const address = URL.createObjectURL(new Blob([`\ufeff${csv}\r\n`], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
