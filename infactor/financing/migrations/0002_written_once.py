"""Terms, limits and what somebody accepted are never changed or deleted: the database itself refuses it."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION financing_written_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is written once: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER financing_terms_written_once BEFORE UPDATE OR DELETE ON financing_fundingterms
    FOR EACH ROW EXECUTE FUNCTION financing_written_once();
CREATE TRIGGER financing_limit_written_once BEFORE UPDATE OR DELETE ON financing_limit
    FOR EACH ROW EXECUTE FUNCTION financing_written_once();
CREATE TRIGGER financing_acceptance_written_once BEFORE UPDATE OR DELETE ON financing_acceptance
    FOR EACH ROW EXECUTE FUNCTION financing_written_once();
"""
BACKWARDS = """
DROP TRIGGER financing_terms_written_once ON financing_fundingterms;
DROP TRIGGER financing_limit_written_once ON financing_limit;
DROP TRIGGER financing_acceptance_written_once ON financing_acceptance;
DROP FUNCTION financing_written_once();
"""


class Migration(migrations.Migration):
    dependencies = [("financing", "0001_financing")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
