<?xml version="1.0" encoding="UTF-8"?>
<!--
  What the entries of a camt message tell, a line a fact: a letter, a tab, a text; normalize-space() leaves no tab and
  no line break in it. 1 begins a statement, 2 an entry, 3 a detail. The letters are those of ENTRY_CELLS (small) and
  DETAIL_CELLS (capital) in camt_entries.py, in their order; of two equal letters the first counts. To walk the elements
  that are there takes half the time of asking for each that may be; those without a template tell nothing.

  The prefix c is bound to the namespace of the file, and c:Statement to its word for a statement, when the stylesheet
  is loaded.
-->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:c="urn:encours:namespace">
  <xsl:output method="text" encoding="UTF-8"/>

  <xsl:template match="text()"/>
  <xsl:template match="*" mode="entry"/>
  <xsl:template match="*" mode="detail"/>

  <!-- An entry that stands elsewhere than in a statement is none: the reader misses it in the count. -->
  <xsl:template match="c:Ntry"/>

  <xsl:template match="c:Statement">
    <xsl:text>1&#9;&#10;</xsl:text>
    <xsl:apply-templates select="c:Ntry" mode="entry"/>
  </xsl:template>

  <xsl:template match="c:Ntry" mode="entry">
    <xsl:text>2&#9;&#10;</xsl:text>
    <xsl:apply-templates select="*" mode="entry"/>
  </xsl:template>

  <xsl:template match="c:Amt" mode="entry">
    <xsl:text>a&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
    <xsl:text>b&#9;</xsl:text><xsl:value-of select="normalize-space(@Ccy)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:CdtDbtInd" mode="entry">
    <xsl:text>c&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:RvslInd" mode="entry">
    <xsl:text>d&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:Sts" mode="entry">
    <xsl:text>e&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:BookgDt" mode="entry">
    <xsl:text>f&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:ValDt" mode="entry">
    <xsl:text>g&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:AcctSvcrRef" mode="entry">
    <xsl:text>h&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:NtryRef" mode="entry">
    <xsl:text>i&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:NtryDtls" mode="entry"><xsl:apply-templates select="*" mode="entry"/></xsl:template>
  <xsl:template match="c:Btch" mode="entry">
    <xsl:text>j&#9;</xsl:text><xsl:value-of select="normalize-space(c:PmtInfId)"/><xsl:text>&#10;</xsl:text>
    <xsl:text>k&#9;</xsl:text><xsl:value-of select="normalize-space(c:MsgId)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:BkTxCd" mode="entry"><xsl:apply-templates select="*" mode="entry"/></xsl:template>
  <xsl:template match="c:Domn" mode="entry">
    <xsl:text>l&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Cd)"/>
    <xsl:text>-</xsl:text><xsl:value-of select="normalize-space(c:Fmly/c:Cd)"/>
    <xsl:text>-</xsl:text><xsl:value-of select="normalize-space(c:Fmly/c:SubFmlyCd)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:Prtry" mode="entry">
    <xsl:text>m&#9;</xsl:text><xsl:value-of select="normalize-space(c:Cd)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:AddtlNtryInf" mode="entry">
    <xsl:text>n&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="c:TxDtls" mode="entry">
    <xsl:text>3&#9;&#10;</xsl:text>
    <xsl:apply-templates select="*" mode="detail"/>
  </xsl:template>

  <xsl:template match="c:Amt" mode="detail">
    <xsl:text>A&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
    <xsl:text>B&#9;</xsl:text><xsl:value-of select="normalize-space(@Ccy)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:AmtDtls" mode="detail"><xsl:apply-templates select="*" mode="detail"/></xsl:template>
  <xsl:template match="c:TxAmt" mode="detail">
    <xsl:text>C&#9;</xsl:text><xsl:value-of select="normalize-space(c:Amt)"/><xsl:text>&#10;</xsl:text>
    <xsl:text>D&#9;</xsl:text><xsl:value-of select="normalize-space(c:Amt/@Ccy)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:InstdAmt" mode="detail">
    <xsl:text>E&#9;</xsl:text><xsl:value-of select="normalize-space(c:Amt)"/><xsl:text>&#10;</xsl:text>
    <xsl:text>F&#9;</xsl:text><xsl:value-of select="normalize-space(c:Amt/@Ccy)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:CdtDbtInd" mode="detail">
    <xsl:text>G&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:Refs" mode="detail"><xsl:apply-templates select="*" mode="detail"/></xsl:template>
  <xsl:template match="c:AcctSvcrRef" mode="detail">
    <xsl:text>H&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:EndToEndId" mode="detail">
    <xsl:text>I&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:MndtId" mode="detail">
    <xsl:text>J&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:BkTxCd" mode="detail"><xsl:apply-templates select="*" mode="detail"/></xsl:template>
  <xsl:template match="c:Domn" mode="detail">
    <xsl:text>K&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Cd)"/>
    <xsl:text>-</xsl:text><xsl:value-of select="normalize-space(c:Fmly/c:Cd)"/>
    <xsl:text>-</xsl:text><xsl:value-of select="normalize-space(c:Fmly/c:SubFmlyCd)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:Prtry" mode="detail">
    <xsl:text>L&#9;</xsl:text><xsl:value-of select="normalize-space(c:Cd)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:RltdPties" mode="detail"><xsl:apply-templates select="*" mode="detail"/></xsl:template>
  <xsl:template match="c:Dbtr" mode="detail">
    <xsl:text>M&#9;</xsl:text><xsl:apply-templates select="." mode="name"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:UltmtDbtr" mode="detail">
    <xsl:text>O&#9;</xsl:text><xsl:apply-templates select="." mode="name"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:Cdtr" mode="detail">
    <xsl:text>P&#9;</xsl:text><xsl:apply-templates select="." mode="name"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:UltmtCdtr" mode="detail">
    <xsl:text>R&#9;</xsl:text><xsl:apply-templates select="." mode="name"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:DbtrAcct" mode="detail">
    <xsl:text>N&#9;</xsl:text><xsl:apply-templates select="c:Id" mode="account"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:CdtrAcct" mode="detail">
    <xsl:text>Q&#9;</xsl:text><xsl:apply-templates select="c:Id" mode="account"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:RmtInf" mode="detail">
    <xsl:if test="c:Ustrd"><xsl:text>S&#9;</xsl:text>
    <xsl:apply-templates select="c:Ustrd" mode="text"/><xsl:text>&#10;</xsl:text></xsl:if>
    <xsl:if test="c:Strd">
      <xsl:text>T&#9;</xsl:text>
      <xsl:apply-templates select="c:Strd/c:AddtlRmtInf" mode="text"/><xsl:text>&#10;</xsl:text>
      <xsl:text>U&#9;</xsl:text>
      <xsl:apply-templates select="c:Strd/c:CdtrRefInf/c:Ref | c:Strd/c:CdtrRefInf/c:CdtrRef" mode="text"/><xsl:text>&#10;</xsl:text>
    </xsl:if>
  </xsl:template>
  <xsl:template match="c:AddtlTxInf" mode="detail">
    <xsl:text>V&#9;</xsl:text><xsl:value-of select="normalize-space(.)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>
  <xsl:template match="c:RtrInf" mode="detail">
    <xsl:text>W&#9;</xsl:text>
    <xsl:value-of select="normalize-space(c:Rsn/c:Cd | c:Rsn/c:Prtry | c:RtrRsn/c:Cd | c:RtrRsn/c:Prtry)"/><xsl:text>&#10;</xsl:text>
    <xsl:text>X&#9;</xsl:text><xsl:value-of select="normalize-space(c:AddtlInf)"/><xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="*" mode="name">
    <xsl:choose>
      <xsl:when test="c:Nm"><xsl:value-of select="normalize-space(c:Nm)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="normalize-space(c:Pty/c:Nm | c:Agt/c:FinInstnId/c:Nm)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="c:Id" mode="account">
    <xsl:choose>
      <xsl:when test="c:IBAN"><xsl:value-of select="normalize-space(c:IBAN)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="normalize-space(c:Othr/c:Id | c:PrtryAcct/c:Id | c:BBAN)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="*" mode="text">
    <xsl:if test="position() &gt; 1"><xsl:text> </xsl:text></xsl:if>
    <xsl:value-of select="normalize-space(.)"/>
  </xsl:template>
</xsl:stylesheet>
