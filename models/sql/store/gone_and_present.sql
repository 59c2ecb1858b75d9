-- The files of the ledger (view `ledger`) that are gone from the inbox, and those that lie there (`absent`).
CREATE OR REPLACE TEMP VIEW gone_file AS FROM ledger SEMI JOIN (FROM absent WHERE is_gone) USING (file_id);
CREATE OR REPLACE TEMP VIEW present_file AS FROM ledger ANTI JOIN absent USING (file_id);
