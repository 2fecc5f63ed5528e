"""The database keeps agreements and acceptances as they were written, and the shares of one company at 100 or less."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION suppliers_agreement_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'agreements are written once: % of % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER suppliers_text_append_only BEFORE UPDATE OR DELETE ON suppliers_agreementtext
    FOR EACH ROW EXECUTE FUNCTION suppliers_agreement_refuse();
CREATE TRIGGER suppliers_acceptance_append_only BEFORE UPDATE OR DELETE ON suppliers_agreementacceptance
    FOR EACH ROW EXECUTE FUNCTION suppliers_agreement_refuse();

CREATE FUNCTION suppliers_shares_fit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(share) FROM suppliers_owner WHERE application_id = NEW.application_id) > 100 THEN
        RAISE EXCEPTION 'owners_share_the_whole: the shares of one company are over 100 percent'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'owners_share_the_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER owners_share_the_whole AFTER INSERT OR UPDATE ON suppliers_owner
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION suppliers_shares_fit();
"""
BACKWARDS = """
DROP TRIGGER owners_share_the_whole ON suppliers_owner;
DROP FUNCTION suppliers_shares_fit();
DROP TRIGGER suppliers_acceptance_append_only ON suppliers_agreementacceptance;
DROP TRIGGER suppliers_text_append_only ON suppliers_agreementtext;
DROP FUNCTION suppliers_agreement_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("suppliers", "0003_application_agreement_bank_account")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
