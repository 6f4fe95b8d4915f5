export interface LegacyRead {
  tenant: string;
  caller: string;
  /** Like `GET /api/product-models`. */
  endpoint: string;
}
